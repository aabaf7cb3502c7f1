#include "node/badge/wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/timestamp.h"
#include "replication/base/check.h"

struct language {
    const char *tag;
    bool is_rtl;
    const char *texts[WORDING_COUNT];
    const char *date; /* D, M and Y stand for day, month and year */
    const char *months[12];
};

static const struct language languages[] = {
    {.tag = "en",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Certificate of Completion",
         [WORDING_CERTIFIES] = "This is to certify that",
         [WORDING_COMPLETED] = "has successfully completed the course",
         [WORDING_SCORE] = "Score",
         [WORDING_DATE] = "Date of issue",
         [WORDING_ISSUER] = "Issued by",
         [WORDING_UNTIL] = "Valid until",
         [WORDING_NUMBER] = "Certificate number",
         [WORDING_CHECK] = "Scan the code, or give it to “qanat credential verify”, to check this certificate. No internet is needed.",
         [WORDING_CRITERIA] = "All required parts of the course were completed.",
         [WORDING_ATTESTED] = "The issuer attests the completion by a decision of its own.",
     },
     .date = "D M Y",
     .months = {"January", "February", "March", "April", "May", "June",
                "July", "August", "September", "October", "November", "December"}},
    {.tag = "ar",
     .is_rtl = true,
     .texts = {
         [WORDING_TITLE] = "شهادة إتمام",
         [WORDING_CERTIFIES] = "تشهد هذه الوثيقة بأنّ",
         [WORDING_COMPLETED] = "قد أتمّ بنجاح المقرّر الدراسي",
         [WORDING_SCORE] = "الدرجة",
         [WORDING_DATE] = "تاريخ الإصدار",
         [WORDING_ISSUER] = "جهة الإصدار",
         [WORDING_UNTIL] = "صالحة حتى",
         [WORDING_NUMBER] = "رقم الشهادة",
         [WORDING_CHECK] = "امسح الرمز ضوئيًا، أو أدخله في صفحة التحقق، للتأكد من صحة "
             "هذه الشهادة. لا حاجة إلى الإنترنت.",
         [WORDING_CRITERIA] = "أُنجزت جميع الأجزاء المطلوبة من المقرّر.",
         [WORDING_ATTESTED] = "تشهد جهة الإصدار بإتمام المقرّر بقرار منها.",
     },
     .date = "D M Y",
     .months = {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
                "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"}},
    {.tag = "zh",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "结业证书",
         [WORDING_CERTIFIES] = "兹证明",
         [WORDING_COMPLETED] = "已顺利完成课程",
         [WORDING_SCORE] = "成绩",
         [WORDING_DATE] = "颁发日期",
         [WORDING_ISSUER] = "颁发机构",
         [WORDING_UNTIL] = "有效期至",
         [WORDING_NUMBER] = "证书编号",
         [WORDING_CHECK] = "扫描二维码或在验证页面输入其内容，即可核验本证书，无需联网。",
         [WORDING_CRITERIA] = "已完成课程的全部必修部分。",
         [WORDING_ATTESTED] = "颁发机构依其自行决定证明课程已完成。",
     },
     .date = "Y年M月D日",
     .months = {"1", "2", "3", "4", "5", "6",
                "7", "8", "9", "10", "11", "12"}},
    {.tag = "es",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Certificado de finalización",
         [WORDING_CERTIFIES] = "Se certifica que",
         [WORDING_COMPLETED] = "ha completado con éxito el curso",
         [WORDING_SCORE] = "Calificación",
         [WORDING_DATE] = "Fecha de emisión",
         [WORDING_ISSUER] = "Expedido por",
         [WORDING_UNTIL] = "Válido hasta",
         [WORDING_NUMBER] = "Número de certificado",
         [WORDING_CHECK] = "Escanee el código o introdúzcalo en la página de verificación para comprobar este certificado, incluso sin internet.",
         [WORDING_CRITERIA] = "Se completaron todas las partes obligatorias del curso.",
         [WORDING_ATTESTED] = "La entidad emisora da fe de la finalización por decisión propia.",
     },
     .date = "D de M de Y",
     .months = {"enero", "febrero", "marzo", "abril", "mayo", "junio",
                "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}},
    {.tag = "fr",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Certificat de réussite",
         [WORDING_CERTIFIES] = "Il est certifié que",
         [WORDING_COMPLETED] = "a suivi avec succès le cours",
         [WORDING_SCORE] = "Note",
         [WORDING_DATE] = "Date de délivrance",
         [WORDING_ISSUER] = "Délivré par",
         [WORDING_UNTIL] = "Valable jusqu’au",
         [WORDING_NUMBER] = "Numéro du certificat",
         [WORDING_CHECK] = "Scannez le code, ou saisissez-le sur la page de vérification, pour contrôler ce certificat, même sans internet.",
         [WORDING_CRITERIA] = "Toutes les parties obligatoires du cours ont été achevées.",
         [WORDING_ATTESTED] = "L’organisme émetteur atteste l’achèvement par sa propre décision.",
     },
     .date = "D M Y",
     .months = {"janvier", "février", "mars", "avril", "mai", "juin",
                "juillet", "août", "septembre", "octobre", "novembre", "décembre"}},
    {.tag = "id",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Sertifikat Kelulusan",
         [WORDING_CERTIFIES] = "Dengan ini menyatakan bahwa",
         [WORDING_COMPLETED] = "telah berhasil menyelesaikan kursus",
         [WORDING_SCORE] = "Nilai",
         [WORDING_DATE] = "Tanggal terbit",
         [WORDING_ISSUER] = "Diterbitkan oleh",
         [WORDING_UNTIL] = "Berlaku hingga",
         [WORDING_NUMBER] = "Nomor sertifikat",
         [WORDING_CHECK] = "Pindai kode ini atau masukkan di halaman verifikasi untuk memeriksa sertifikat, tanpa internet.",
         [WORDING_CRITERIA] = "Seluruh bagian wajib kursus telah diselesaikan.",
         [WORDING_ATTESTED] = "Pihak penerbit menyatakan penyelesaian kursus atas keputusannya sendiri.",
     },
     .date = "D M Y",
     .months = {"Januari", "Februari", "Maret", "April", "Mei", "Juni",
                "Juli", "Agustus", "September", "Oktober", "November", "Desember"}},
    {.tag = "kk",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Курсты аяқтау сертификаты",
         [WORDING_CERTIFIES] = "Осы құжат растайды:",
         [WORDING_COMPLETED] = "курсты сәтті аяқтады",
         [WORDING_SCORE] = "Балл",
         [WORDING_DATE] = "Берілген күні",
         [WORDING_ISSUER] = "Берген ұйым",
         [WORDING_UNTIL] = "Жарамдылық мерзімі",
         [WORDING_NUMBER] = "Сертификат нөмірі",
         [WORDING_CHECK] = "Сертификатты тексеру үшін кодты сканерлеңіз немесе тексеру "
             "бетіне енгізіңіз. Интернет қажет емес.",
         [WORDING_CRITERIA] = "Курстың барлық міндетті бөліктері аяқталды.",
         [WORDING_ATTESTED] = "Берген ұйым курстың аяқталғанын өз шешімімен растайды.",
     },
     .date = "Y ж. D M",
     .months = {"қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
                "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"}},
    {.tag = "mn",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Төгсөлтийн гэрчилгээ",
         [WORDING_CERTIFIES] = "Үүгээр гэрчлэх нь:",
         [WORDING_COMPLETED] = "дараах сургалтыг амжилттай дүүргэв",
         [WORDING_SCORE] = "Оноо",
         [WORDING_DATE] = "Олгосон огноо",
         [WORDING_ISSUER] = "Олгосон байгууллага",
         [WORDING_UNTIL] = "Хүчинтэй хугацаа",
         [WORDING_NUMBER] = "Гэрчилгээний дугаар",
         [WORDING_CHECK] = "Гэрчилгээг шалгахын тулд кодыг уншуулах эсвэл шалгах "
             "хуудсанд оруулна уу. Интернэт шаардлагагүй.",
         [WORDING_CRITERIA] = "Сургалтын бүх шаардлагатай хэсгийг дүүргэсэн.",
         [WORDING_ATTESTED] = "Олгосон байгууллага дүүргэснийг өөрийн шийдвэрээр гэрчилж байна.",
     },
     .date = "Y оны M сарын D",
     .months = {"1-р", "2-р", "3-р", "4-р", "5-р", "6-р",
                "7-р", "8-р", "9-р", "10-р", "11-р", "12-р"}},
    {.tag = "ru",
     .is_rtl = false,
     .texts = {
         [WORDING_TITLE] = "Сертификат о прохождении курса",
         [WORDING_CERTIFIES] = "Настоящим удостоверяется, что",
         [WORDING_COMPLETED] = "успешно завершил(а) курс",
         [WORDING_SCORE] = "Оценка",
         [WORDING_DATE] = "Дата выдачи",
         [WORDING_ISSUER] = "Выдан",
         [WORDING_UNTIL] = "Действителен до",
         [WORDING_NUMBER] = "Номер сертификата",
         [WORDING_CHECK] = "Отсканируйте код или введите его на странице проверки, "
             "чтобы проверить сертификат. Интернет не нужен.",
         [WORDING_CRITERIA] = "Пройдены все обязательные части курса.",
         [WORDING_ATTESTED] = "Выдавшая организация подтверждает завершение курса своим решением.",
     },
     .date = "D M Y г.",
     .months = {"января", "февраля", "марта", "апреля", "мая", "июня",
                "июля", "августа", "сентября", "октября", "ноября", "декабря"}},
};

static const struct language *language_find(const char *tag)
{
    size_t length = strcspn(tag, "-_");

    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        if (strlen(languages[i].tag) == length && strncmp(languages[i].tag, tag, length) == 0) {
            return &languages[i];
        }
    }
    return &languages[0];
}

const char *wording_text(const char *tag, enum wording wording)
{
    CHECK(wording < WORDING_COUNT);
    return language_find(tag)->texts[wording];
}

const char *wording_language(const char *tag)
{
    const struct language *language = language_find(tag);

    return language != &languages[0] ? tag : "en";
}

bool wording_is_rtl(const char *tag)
{
    static const char *const others[] = {"fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"};
    size_t length = strcspn(tag, "-_");

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strlen(others[i]) == length && strncmp(others[i], tag, length) == 0) {
            return true;
        }
    }
    return language_find(tag)->is_rtl;
}

void wording_date(const char *tag, int64_t ms, char out[WORDING_DATE_SIZE])
{
    const struct language *language = language_find(tag);
    char iso[TIMESTAMP_TEXT_SIZE], number[8];
    size_t length = 0;

    timestamp_format(ms, iso);
    int month = atoi(iso + 5), day = atoi(iso + 8);
    if (month < 1 || month > 12) { /* beyond the years that are written with four digits: of a damaged row */
        snprintf(out, WORDING_DATE_SIZE, "?");
        return;
    }
    for (const char *c = language->date; *c; c++) {
        const char *part = number;
        snprintf(number, sizeof number, "%c", *c);
        if (*c == 'D') {
            snprintf(number, sizeof number, "%d", day);
        } else if (*c == 'M') {
            part = language->months[month - 1];
        } else if (*c == 'Y') {
            snprintf(number, sizeof number, "%.4s", iso);
        }
        CHECK(length + strlen(part) < WORDING_DATE_SIZE);
        memcpy(out + length, part, strlen(part) + 1);
        length += strlen(part);
    }
}
