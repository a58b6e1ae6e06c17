package console

import "maps"

// The words of the screens that tell and change nothing: statistics, lockdown, health.
func init() {
	maps.Copy(urdu, urduScreens)
}

var urduScreens = map[string]string{
	"Statistics": "اعداد و شمار", "Of the sites of your institution, as the watch found it.": "آپ کے ادارے کی سائٹس کے بارے میں، جیسا نگرانی نے پایا۔",
	"this time has not begun yet": "یہ مدت ابھی شروع نہیں ہوئی",
	"this is neither a quarter, such as 2026Q1, nor two days, such as 2026-01-01 and 2026-03-31, at most a year apart": "یہ نہ سہ ماہی ہے، جیسے 2026Q1، نہ دو دن، جیسے 2026-01-01 اور 2026-03-31، زیادہ سے زیادہ ایک سال کے فاصلے پر",
	"This time is not over yet.": "یہ مدت ابھی پوری نہیں ہوئی۔", "Quarter": "سہ ماہی", "Show": "دکھائیں", "From day": "کس دن سے", "To day": "کس دن تک",
	"incidents": "واقعات", "%d before, %d a year before": "اس سے پہلے %d، ایک سال پہلے %d", "median of %d": "%d کا وسطانیہ", "false alarms": "غلط الارم", "%d of %d": "%d، کل %d میں سے",
	"to detect": "پتا چلنے تک", "to notify": "اطلاع تک", "to acknowledge": "نوٹس لینے تک", "to recover": "بحالی تک",
	"Day by day": "روز بہ روز", "Incidents by day": "روزانہ واقعات", "Days as a table": "دن، جدول میں", "Day": "دن",
	"By kind": "قسم کے لحاظ سے", "By tier": "درجے کے لحاظ سے", "By region": "علاقے کے لحاظ سے", "By institution": "ادارے کے لحاظ سے",
	"Chart": "خاکہ", "Before": "اس سے پہلے", "Year before": "ایک سال پہلے", "and %d more, in the CSV": "اور %d مزید، CSV میں",
	"Quarter by quarter": "سہ ماہی بہ سہ ماہی", "Incidents by quarter": "سہ ماہی واقعات", "Quarters as a table": "سہ ماہیاں، جدول میں",
	"Year on year": "سال بہ سال", "so far": "اب تک", "How long it took": "کتنا وقت لگا", "Step": "مرحلہ", "Median": "وسطانیہ", "Slowest tenth": "سست ترین دسواں حصہ",
	"To detect is the most it can have been: from the last look that saw the page to the one that showed the attack. The others count from that look: to the first alert that arrived, the first answer of a person, the approved look's return.": "پتا چلنے کا وقت زیادہ سے زیادہ ہے: صفحہ دیکھنے والے آخری معائنے سے اس معائنے تک جس میں حملہ نظر آیا۔ باقی اسی معائنے سے گنے جاتے ہیں: پہلی اطلاع پہنچنے تک، کسی فرد کے پہلے جواب تک، منظور شدہ صورت کی واپسی تک۔",
	"Flakiest sites": "بے وجہ توجہ مانگنے والی سائٹس", "False alarms": "غلط الارم", "Out of sight": "نظر سے اوجھل", "Attacks": "حملے",
	"An incident belongs to the day, in Pakistan Standard Time, on which it was first seen. False alarms, and sites that were only out of sight, are counted apart.": "واقعہ اس دن کا ہے، پاکستان کے معیاری وقت کے مطابق، جس دن پہلی بار دیکھا گیا۔ غلط الارم، اور وہ سائٹس جو صرف نظر سے اوجھل تھیں، الگ گنی جاتی ہیں۔",
	"Imported from the CERT's own records: %d.":                    "CERT کے اپنے ریکارڈ سے درآمد شدہ: %d۔",
	"Bars: this time. Upright marks: the same time a year before.": "پٹیاں: یہ مدت۔ کھڑے نشان: ایک سال پہلے کی یہی مدت۔",
	"malware": "مضر سافٹ ویئر", "phishing": "فشنگ", "ransomware": "تاوان سافٹ ویئر", "unauthorised access": "غیر مجاز رسائی", "denial of service": "خدمت کی بندش", "other": "دیگر", "not stated": "نامعلوم",
}
