/** A short technical paragraph in many languages, written for these tests. */
export const LANGUAGES: Record<string, string> = {
  german:
    "Die Freigabe prüft zunächst alle Änderungen. Ungültige Schlüssel führen zu einem Fehler, größere Abweichungen werden zurückgewiesen. Für jede Überprüfung gibt es ein gültiges Prüfprotokoll; öffentliche Dateien müssen vollständig lesbar bleiben. „Später“ zählt nicht – nur „jetzt“.",
  french:
    "La vérification échoue si le modèle diffère du dépôt. Chaque étape répète les contrôles déjà validés, même après une coupure réseau. L’équipe reçoit un résumé très détaillé où chaque écart est signalé « à part ». Où que ce soit, ça reste vérifiable…",
  spanish:
    "La publicación continúa después de la verificación automática. Cada versión también conserva su número único. ¿Qué ocurre si falla? El diseño prevé una revisión rápida, según la configuración elegida por el equipo técnico en España. Así será más fácil añadir años de información.",
  portuguese:
    "A verificação não começa até que a configuração esteja concluída. Três alterações são necessárias: versão, revisão e aprovação. Também é possível repetir a operação após uma falha de ligação à rede. ATENÇÃO: “AMANHÔ não é já.",
  polish:
    "Każda wersja musi przejść pełną weryfikację. Jeśli źródło różni się od wzorca, proces zostanie zatrzymany, a właściciel otrzyma szczegółową wiadomość. Również późniejsze poprawki są śledzone według tych samych reguł. Łącznie sześć gałęzi, żadna niepotrzebna.",
  czech:
    "Každé vydání nejdříve projde úplnou kontrolou. Změněné soubory jsou porovnány s předchozí verzí a výsledek je uložen do přehledné zprávy. Když něco selže, správce dostane upozornění během několika vteřin. Příště můžete začít dřív.",
  romanian:
    "Fiecare versiune trebuie să treacă toate verificările înainte de publicare. Dacă apare o diferență între fișiere, procesul se oprește și echipa primește o înștiințare. Aceeași regulă se aplică și ramurilor învechite, fără excepții. Știți cât durează? Câteva minute.",
  turkish:
    "Yayın öncesinde bütün değişiklikler doğrulanır. Geçersiz imzalar işlemi durdurur ve sorumlu kişiye açıklayıcı bir bildirim gönderilir. Güncel sürüm çalışıyorsa önceki kayıtlar silinmez, yalnızca arşivlenir. İkinci ölçüm şüpheliyse yeniden başlatılır.",
  vietnamese:
    "Mỗi phiên bản phải vượt qua toàn bộ quá trình kiểm tra. Nếu dữ liệu không khớp, hệ thống sẽ dừng lại và gửi thông báo cho người phụ trách. Các bản sửa lỗi tiếp theo cũng được theo dõi theo cùng một quy tắc rõ ràng.",
  finnish:
    "Jokainen julkaisu tarkistetaan ennen käyttöönottoa. Jos tiedostot eivät täsmää, käsittely pysähtyy ja ylläpitäjä saa selkeän ilmoituksen. Myöhemmät muutokset käydään läpi samalla tavalla, eikä mitään jää näkemättä. TÄÄLLÄ… EI OLE MITÄÄN.",
  icelandic:
    "Hver útgáfa þarf að standast öll próf áður en hún er birt. Ef gögnin breytast stöðvast ferlið og ábyrgðarmaður fær skýra tilkynningu. Síðari lagfæringar fylgja sömu reglum, það á líka við um þær sem gerðar eru að nóttu til.",
  hungarian:
    "Minden kiadás előtt teljes ellenőrzés következik. Ha a fájlok különböznek, a folyamat megáll, és a felelős részletes értesítést kap. A későbbi javításokra ugyanezek a szabályok érvényesek, kivétel nélkül. Őrizd meg a régebbi változatokat is.",
  russian:
    "Каждый выпуск проходит полную проверку перед публикацией. Если данные не совпадают, процесс останавливается, а ответственный получает подробное уведомление. Последующие исправления отслеживаются по тем же правилам. Ёмкость хранилища — «не меньше» трёх недель.",
  ukrainian:
    "Кожен випуск проходить повну перевірку перед публікацією. Якщо дані не збігаються, процес зупиняється, а відповідальна особа отримує докладне сповіщення. Її рішення є остаточним. Ці зміни ґрунтуються на тих самих правилах, їхній перелік відкритий. Дієта тут ні до чого.",
  bulgarian:
    "Всяка версия минава пълна проверка преди публикуване. Ако данните се различават, процесът спира и отговорникът получава подробно известие. Следващите поправки се проследяват по същите правила, без изключения.",
  greek:
    "Κάθε έκδοση περνά από πλήρη έλεγχο πριν δημοσιευθεί. Αν τα δεδομένα δεν συμφωνούν, η διαδικασία σταματά και ο υπεύθυνος λαμβάνει λεπτομερή ειδοποίηση. Ό,τι αλλάξει αργότερα ακολουθεί τους ίδιους κανόνες. Ήταν εύκολο; Όχι.",
  hebrew:
    "כל גרסה עוברת בדיקה מלאה לפני הפרסום. אם הנתונים אינם תואמים, התהליך נעצר והאחראי מקבל הודעה מפורטת. תיקונים מאוחרים יותר נבדקים לפי אותם כללים, ללא יוצא מן הכלל.",
  arabic:
    "تمر كل نسخة بفحص كامل قبل النشر. إذا لم تتطابق البيانات تتوقف العملية ويتلقى المسؤول إشعارًا مفصلًا. تخضع الإصلاحات اللاحقة للقواعد نفسها دون استثناء، وتبقى النسخ القديمة محفوظة.",
  persian:
    "هر نسخه پیش از انتشار به‌طور کامل بررسی می‌شود. اگر داده‌ها یکسان نباشند فرایند متوقف می‌شود و مسئول پیام دقیقی می‌گیرد. اصلاح‌های بعدی نیز از همین قاعده‌ها پیروی می‌کنند. گزارش‌ها پاک نمی‌شوند.",
  hindi:
    "हर संस्करण प्रकाशन से पहले पूरी जाँच से गुजरता है। यदि आँकड़े मेल नहीं खाते तो प्रक्रिया रुक जाती है और ज़िम्मेदार व्यक्ति को विस्तृत सूचना मिलती है। बाद के सुधार भी उन्हीं नियमों का पालन करते हैं।",
  thai:
    "ทุกรุ่นต้องผ่านการตรวจสอบอย่างครบถ้วนก่อนเผยแพร่ หากข้อมูลไม่ตรงกัน กระบวนการจะหยุดลงและผู้รับผิดชอบจะได้รับการแจ้งเตือนโดยละเอียด การแก้ไขในภายหลังก็ใช้กฎเดียวกัน ระบบรายงานผลทุกครั้ง รก รกร้าง มกราคม",
  chinese:
    "每个版本在发布之前都要经过完整检查。如果数据不一致，流程会停止，负责人会收到详细通知。之后的修复也遵循同样的规则，没有例外。联通测试“通过”——请看第三节；旧版本仍然保留。",
  traditional:
    "每個版本在發布之前都要經過完整檢查。如果資料不一致，流程會停止，負責人會收到詳細通知。之後的修復也遵循同樣的規則，沒有例外。龘靐齉爩鱻麤籲鬱癵驫這些罕見的字也要保留。",
  japanese:
    "すべての版は公開前に完全な検査を受けます。データが一致しない場合、処理は停止し、担当者に詳しい通知が届きます。その後の修正も同じ規則に従います。カタカナの「テスト」も例外ではありません。半角ｶﾅも残ります。",
  korean:
    "모든 버전은 게시 전에 완전한 검사를 거칩니다. 데이터가 일치하지 않으면 절차가 중단되고 담당자는 자세한 알림을 받습니다. 이후의 수정도 같은 규칙을 따르며 예외는 없습니다. 오래된 버전은 보관됩니다.",
};
