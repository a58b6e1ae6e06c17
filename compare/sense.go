package compare

import (
	"slices"
	"strings"
)

// Between "this site" and "was hacked" stands a name, and each language has many
// ways to say it. So a short text is also read for what its words are about: this
// page or yours, broken or in our hands, by us, wake up admin. Two or three of
// these meanings together are an intruder's whatever the grammar.

// sense is a set of meanings.
type sense uint16

const (
	sensePage  sense = 1 << iota // a web site, page or server
	senseYours                   // this, your: what the text stands on
	senseBreak                   // hacked
	senseOurs                    // in our hands
	senseWe                      // we, our
	senseAdmin                   // who runs the site
	senseSleep                   // sleeps, should wake up
	senseGuard                   // security
	senseWeak                    // weak, a joke, zero
	senseGang                    // a team, an army
	senseCare                    // prevention, courses: said by those who advise
)

// senseWords are the words by meaning. A trailing * stands for any ending; the
// Chinese ones are looked for inside of words.
var senseWords = map[sense]string{
	sensePage: `site website webpage homepage server web page sitesi siteniz sitesini situs laman sitio pagina sitenizi sitede seite webseite ویبسائٹ سائٹ سائیٹ سائٹ سرور ویبسایت وبسایت سایت سامانه درگاه موقع موقعكم موقعك الموقع سيرفر
		پاڼه وېبپاڼه ویبپاڼه سایټ وېبسایټ سائيٽ ويبسائيٽ साइट वेबसाइट सर्वर সাইট সাইটটি ওয়েবসাইট ওয়েবসাইটটি সার্ভার сайт сайта сайте сервер портал страница portal sistem sistema sistema система سسٹم 网站 本站 网页 服务器 網站`,
	senseYours: `this your ur یہ اس آپ آپکی آپکا تمہاری تمھاری تمہارا yeh ye is aap apki aapki tumhari tumhara teri bu sizin siten siteniz این شما هذا موقعكم موقعك لكم دا دغه ستاسو ستاسې ستا هي هن توهان اوهان यह ये इस आपकी आपका तुम्हारी तुम्हारा এই আপনার আপনাদের তোমাদের তোমার
		ini anda kalian kamu este esta seu sua su tu esse ваш этот ваша эта твой твоя votre ce ihre diese eure deine 本站 你的 您的 你们 贵站 此网站 你的網站`,
	senseBreak: `hacked hacklen* hacklendi heklendi pwned defaced haxed rooted h4cked hak hack hacked ہیک ہیکڈ هک هیک هېک هيڪ हैक हैक्ड হ্যাক হ্যাকড хакнут* взлома* взломал* взломан* diretas dihack digodam dideface hackead* invadid* jaquead* pirate gehackt hackerato مخترق تهكير اخترقنا هكرنا هكر 被黑 黑掉 黑了 入侵 攻陷 被駭`,
	senseOurs:  `قبضے قبضہ کنٹرول ہماری ہمارا ہمارے qabze qabza kabze kabza hamara hamari hamare humari humara اختیار تسخیر سيطرتنا ايدينا أيدينا قبضتنا بحوزتنا कब्जे कब्ज़े नियंत्रण हमारी हमारे हमारा দখলে নিয়ন্ত্রণে আমাদের ours bizim kontrolümüz* kuasai dikuasai наш наша нашим наших nosso nossa nosotros nuestro nuestra 我们控制 我们的了 زموږ اسان`,
	senseWe:    `we us our ہم ہمارا ہمارے hum humne ham نحن ما موږ مونږ اسان हम हमने আমরা biz kami kita мы nós nos somos nous wir 我们`,
	senseAdmin: `admin adm administrator webmaster sysadmin ایڈمن ایڈمین ادمین ادمن الادمن اډمین ايڊمن वेबमास्टर एडमिन ऐडमिन এডমিন অ্যাডমিন админ админы админу администратор 管理员 管理員 站长`,
	senseSleep: `asleep sleeping sleep wake sota soya neend jago jaago uth utho so سوتا سوتے سو نیند جاگو جاگ خواب خوابی ویده ویښ نايم نائم सोता सोते नींद जागो उठो ঘুমাও ঘুমাচ্ছে ঘুম জাগো uyan uyuyor uyuma uyku tidur bangun acorda dormindo dormir durma despierta dormido duerme спит спишь проснись спи 起床 睡觉 快来 速来`,
	senseGuard: `security سیکیورٹی سیکورٹی سکیورٹی سیکیوریٹی امنیت حماية حمايتكم حمايتك سکیورټي امنيت सुरक्षा सिक्योरिटी নিরাপত্তা সিকিউরিটি güvenlik güvenliğiniz güvenliği keamanan segurança seguridad безопасность защита securite sicherheit 安全 防护 漏洞`,
	senseWeak:  `joke zero weak sucks lame pathetic 0 کمزور صفر زیرو مذاق بیکار ضعیف ضعيفة صفره افتضاح कमजोर कमज़ोर मज़ाक मजाक शून्य बेकार দুর্বল শূন্য তামাশা zayıf sıfır lemah payah piada fraca merda nula ridícula basura broma слаба слабая дырявая ноль шутка kamzor zero mazaq nulle faible 太差 垃圾 太弱`,
	senseGang:  `team crew squad army force hackers cyber anonymous gang legion فورس آرمی ٹیم گروہ سائبر लश्कर गिरोह सेना दल टीम साइबर সাইবার আর্মি টিম বাহিনী tim timi ordusu siber grup команда группа группировка бригада 小队 联盟 军团 组织 كتيبة فريق جيش هكرز گروه ارتش تیم exército esquadrão escuadrón comando`,
	senseCare: `prevent prevention protect avoid training workshop course seminar competition tips may might could can risk awareness learn webinar conference policy guide بچاؤ بچیں بچنے محفوظ حفاظت تربیت ورکشاپ آگاہی جلوگیری پیشگیری آموزش لحماية نصائح تدريب ورشة بچاءُ تربيت बचाव बचने प्रशिक्षण कार्यशाला বাঁচতে প্রশিক্ষণ কর্মশালা
		mencegah cegah pelatihan tips evitar prevenir proteger curso taller oficina защитить предотвратить обучение курс önlemek korunma eğitim prévenir éviter vermeiden schützen bachao mehfooz 防范 防止 通知 培训 提示 edukasi sosialisasi`,
}

// shortestBegin is how many bytes the shortest beginning of a word has.
const shortestBegin = 4

// senses is senseWords, folded: whole words, beginnings of words, and parts of
// words that know no spaces.
var senses = foldSenses()

type senseTable struct {
	words  map[string]sense
	begin  map[string]sense
	inside map[string]sense
}

func foldSenses() senseTable {
	t := senseTable{map[string]sense{}, map[string]sense{}, map[string]sense{}}
	for meaning, list := range senseWords {
		for _, w := range strings.Fields(list) {
			text, open := strings.CutSuffix(w, "*")
			folded := joinWords(foldWords(text))
			switch {
			case isUnspaced(folded):
				t.inside[folded] |= meaning
			case open:
				t.begin[folded] |= meaning
			default:
				t.words[folded] |= meaning
			}
		}
	}
	return t
}

func (t senseTable) of(w string) sense {
	s := t.words[w]
	for n := range w {
		if n >= shortestBegin {
			s |= t.begin[w[:n]]
		}
	}
	if s |= t.begin[w]; isUnspaced(w) {
		for part, meaning := range t.inside {
			if strings.Contains(w, part) {
				s |= meaning
			}
		}
	}
	return s
}

// intrusions are the meanings that together are an intruder's.
var intrusions = []sense{
	senseYours | sensePage | senseBreak, senseYours | sensePage | senseOurs, senseWe | sensePage | senseBreak, senseAdmin | senseBreak, adminOurs,
	senseAdmin | senseSleep, senseAdmin | senseGuard | senseWeak, senseYours | senseGuard | senseWeak, senseYours | senseBreak | senseGang,
}

// adminOurs is the sense of "admin, this page is ours". In a longer text it is
// that of "our site is down, write to the administrator".
const adminOurs = senseAdmin | sensePage | senseOurs

// maxSense is the most words of a text that is read for its sense: in long ones all
// meanings meet.
const maxSense = 30

// senseIn reads a short text for what it is about. What it finds speaks to the
// owner, as a phrase of that class does. Who asks whether a site was hacked is not
// its intruder, unless he asks the admin.
func senseIn(words []word, asked bool) (saying, bool) {
	words = withoutRepeats(words)
	if len(words) < 2 || len(words) > maxSense || isReport(words) || isAdvice(words) {
		return saying{}, false
	}
	var all sense
	for _, w := range words {
		all |= senses.of(w.text)
	}
	if all&senseCare != 0 || asked && all&senseAdmin == 0 {
		return saying{}, false
	}
	i := slices.IndexFunc(intrusions, func(s sense) bool { return all&s == s })
	if i < 0 || intrusions[i] == adminOurs && len(words) > shortBlock/2 {
		return saying{}, false
	}
	p := phrase{phraseSource: phraseSource{class: address}, text: "sense of " + senseNames[i]}
	return saying{phrase: p, signature: true, size: len(words)}, true
}

// withoutRepeats is the text of a ticker up to where it begins again.
func withoutRepeats(words []word) []word {
	const same = 3
	for i := same; i+same <= len(words); i++ {
		if slices.EqualFunc(words[i:i+same], words[:same], func(a, b word) bool { return a.text == b.text }) {
			return words[:i]
		}
	}
	return words
}

// isAdvice reports a sentence that begins with "if" or "how", and hackers or
// somebody unknown: those who tell of a break-in do not know who it was.
func isAdvice(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool { return w.first && conditions[w.text] || someone[w.text] })
}

// senseNames name the intrusions for the baseline, which remembers what a page
// has said before.
var senseNames = []string{"your page broken", "your page ours", "we broke a page", "admin, broken", "admin, your page ours", "admin, asleep", "admin, weak", "your security weak", "you broken by a gang"}
