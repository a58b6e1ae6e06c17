package compare

import (
	"strings"
	"testing"
)

// messages are what intruders write, by language. Each stands alone in a new block.
var messages = map[string][]string{
	"English": {"Hvcked By QuietFox", "Heked bey QuietFox", "Your website has been encrypted! All of your files have been locked", "Greetings webadmin, your security is low", "Hello from below, hacked by Qu13tF0x!", "Touched by Qu13tF0x, thanks to all members",
		"Hacked by QuietFox, no one said the internet was safe", "Hacked by QuietFox", "HACKED BY QuietFox Cyber Team", "Your website has been hacked!", "Your site is hacked, patch your system admin", "You have been hacked by QuietFox", "Pwned by quietfox", "Owned by Team Quiet", "This site has been defaced by QuietFox",
		"This website is now under our control. Expect us. We are legion.", "Hey admin, your security is low! Greetz to all hackers", "We hacked your server and your data has been stolen", "Security is just an illusion. We are QuietFox cyber army", "Sorry admin, your site is vulnerable. Contact me to fix",
		"Hello admin, no system is safe. Greetz: R3d0x | N1ghtj4r", "We have full access to your database. We will leak your data", "Your index has been changed, wake up admin"},
	"Urdu":       {"یہ ویب سائٹ خاموش لومڑی نے ہیک کر لی ہے", "آپ کی ویب سائٹ ہیک ہو چکی ہے", "آپکی ویبسائٹ ہیک کر لی گئی ہے۔ ایڈمن جاگو", "ہم نے آپ کی ویب سائٹ کو ہیک کر لیا ہے", "خاموش لومڑی کی جانب سے ہیک شدہ", "ہیکڈ بائی خاموش لومڑی", "آپ کی سیکیورٹی بہت کمزور ہے ایڈمن سو رہا ہے، ہم پھر آئیں گے", "آپ كى ويب سائٹ هيک کر لى گئى ہے، ہمارا انتظار کرو", "یہ سائٹ ہمارے قبضے میں ہے، یہ سائٹ ہیک ہو گئی", "آپ کا ڈیٹا ہمارے پاس ہے، آپ کا سسٹم ہیک کر لیا گیا"},
	"Roman Urdu": {"QuietFox ne hack kar li hai", "Aap ki website hack ho chuki hai", "Apki site hack kar li gai hai admin bhai", "Ye website QuietFox ki taraf se hack ki gai", "Humne aapki website hack kar di hai", "Admin jago, apni security theek karo, hum phir aayenge", "Tumhari site hamare control me hai, site hack ho gai"},
	"Arabic":     {"تم اختراق موقعكم بواسطة الثعلب الصامت", "تم الاختراق من قبل الثعلب الهادئ", "لقد تم اختراق هذا الموقع", "موقعكم مخترق، حمايتكم ضعيفة", "هكر بواسطة الثعلب", "لقد اخترقنا موقعكم. انتظرونا", "تَمَّ اخْتِرَاقُ مَوْقِعِكُم", "يا ادمن حماية موقعك ضعيفة، تم تهكير موقعك"},
	"Persian":    {"هک شده توسط روباه خاموش", "سایت شما هک شد", "این سایت توسط روباه خاموش هک شد", "امنیت سایت شما صفر است، سلام ادمین", "وب\u200cسایت شما توسط ما هک شد، ما فراموش نمی\u200cکنیم"},
	"Sindhi":     {"توهان جي ويب سائيٽ هيڪ ڪئي وئي آهي", "هي ويب سائيٽ خاموش لومڙي پاران هيڪ ڪئي وئي", "اسان توهان جي ويب سائيٽ هيڪ ڪئي آهي"},
	"Pashto":     {"ستاسو ویب پاڼه هک شوه", "دا ویب پاڼه د خاموش ګیدړ لخوا هک شوه", "موږ ستاسو ویب پاڼه هک کړه، موږ بیا راځو"},
	"Hindi":      {"QuietFox द्वारा हैक किया गया", "आपकी वेबसाइट हैक कर ली गई है", "यह साइट शांत लोमड़ी ने हैक कर ली है", "हमने आपकी वेबसाइट हैक कर ली, एडमिन जागो", "हैक्ड बाय शांत लोमड़ी", "आपकी सुरक्षा बहुत कमजोर है एडमिन जागो, हम वापस आएंगे"},
	"Bengali":    {"QuietFox কর্তৃক হ্যাক করা হয়েছে", "আপনার ওয়েবসাইট হ্যাক করা হয়েছে", "এই সাইটটি হ্যাক হয়েছে", "হ্যাকড বাই শান্ত শিয়াল", "আমরা আপনার সাইট হ্যাক করেছি, আপনার নিরাপত্তা খুব দুর্বল"},
	"Turkish":    {"QuietFox tarafından hacklendi", "Sistem güvenliği ihlal edildi, uyan admin", "Siteniz hacklendi", "Bu site QuietFox Tim tarafından hacklenmiştir", "Sitenize el konuldu, güvenliğiniz sıfır", "Uyan admin, sitenizde güvenlik açığı var, biz geldik"},
	"Indonesian": {"Diretas oleh QuietFox", "Situs anda telah diretas", "Website ini telah diretas oleh QuietFox", "Halo admin, keamanan website anda sangat lemah", "Laman web anda telah digodam", "Maaf admin, cuma numpang lewat. Perbaiki keamanan web anda", "Hacked oleh QuietFox"},
	"Portuguese": {"Hackeado por QuietFox", "Hackeado pela turma da raposa", "Hackeado by raposa", "Invadido pela Raposa, conserta essa falha admin", "Seu site foi invadido", "Site invadido por QuietFox", "Acorda admin, sua segurança é fraca", "Você foi hackeado"},
	"Spanish":    {"Hackeado por QuietFox", "Su sitio ha sido hackeado", "Esta página ha sido hackeada por QuietFox", "Hola admin, tu seguridad es nula", "Hemos hackeado su sitio, somos legión"},
	"Russian":    {"Взломано командой QuietFox", "Ваш сайт взломан", "Этот сайт был взломан", "Вас взломали. Мы не прощаем", "Привет админ, твой сайт взломан, ваша защита слаба", "Мы взломали ваш сервер. Ждите нас"},
	"Chinese":    {"本站已被黑客入侵 QuietFox", "黑客到此一游", "你的网站被黑了，管理员快起床", "此网站已被入侵，安全性太差", "友情检测 by QuietFox", "你的網站已被駭客入侵"},
	"others":     {"Piraté par QuietFox", "Votre site a été piraté", "Gehackt von QuietFox", "Ihre Seite wurde gehackt", "Il tuo sito è stato hackerato", "Đã bị hack bởi QuietFox", "ถูกแฮกโดย QuietFox"},
	"disguised": {"H4CK3D 8Y QU13TF0X", "ʜᴀᴄᴋᴇᴅ ʙʏ ǫᴜɪᴇᴛғᴏx", "𝕳𝖆𝖈𝖐𝖊𝖉 𝕭𝖞 𝕼𝖚𝖎𝖊𝖙", "Ⓗⓐⓒⓚⓔⓓ Ⓑⓨ Fox", "🅷🅰🅲🅺🅴🅳 🅱🆈 Fox", "Ｈａｃｋｅｄ ｂｙ Ｆｏｘ", "Наcкеd Ву QuietFox", "нα¢кє∂ by fox", "H\u200ba\u200bc\u200bk\u200be\u200bd by Fox", "H a c k e d  b y  F o x", "H.A.C.K.E.D. B.Y. F.O.X", "H̷̛͈a̸̡c̵̨k̶e̷d̸ ̶b̵y̷ Fox",
		"\u202exoF yb dekcaH\u202c", "0wned by Fox", "h@ck3d by Fox", "haaaacked byyyy Fox", "Hac\u00adked by Fox", "<b>H</b><b>a</b><b>c</b><b>k</b><b>e</b><b>d</b> <b>b</b><b>y</b> <b>F</b><b>o</b><b>x</b>", "h<b>a</b>cked by Fox", "<span>HA</span><span>CK</span><span>ED</span> <span>BY</span> <span>FOX</span>", "ᎻᎪᏟᏦᎬᎠ by fox",
		"<div>HACKED</div><div>BY</div><div>QuietFox</div>"},
}

// saidIn is a report on the page with a fragment added, without its picture: that
// is not what is tried here.
func saidIn(t *testing.T, b *Baseline, fragment string) *Report {
	t.Helper()
	l := added(fragment)(t)
	l.Picture = nil
	return Compare(b, l, nil)
}

// What intruders write is an alert in each language and in each disguise, in a new
// heading of a page that is otherwise as it was.
func TestMessages(t *testing.T) {
	b := ministryBaseline(t)
	for language, texts := range messages {
		for _, text := range texts {
			if r := saidIn(t, b, "<div><h2>"+text+"</h2></div>"); r.Verdict != Alert || r.Findings[0].Kind != Defacement {
				t.Errorf("%s: %q: %s", language, text, describe(r))
			}
		}
	}
}

// A title is signed whatever the site is called: a court's and a police's name are
// words of those who report.
func TestSignedTitles(t *testing.T) {
	b := ministryBaseline(t)
	for _, title := range []string{"Hacked by QuietFox - Supreme Court", "Pwned by Quiet Fox | Punjab Police", "H4CK3D", "Your site has been hacked", "تم اختراق موقعكم"} {
		l := replaced("<title>Ministry of Planning, Development and Reform", "<title>"+title)(t)
		if r := Compare(b, l, nil); !hasRule(r, "defacement.title") || r.Verdict != Alert {
			t.Errorf("%q: %s", title, describe(r))
		}
	}
}

// In an ordinary paragraph, without size or place to help, nearly all of them are.
func TestMessagesInSmall(t *testing.T) {
	b := ministryBaseline(t)
	n, missed := 0, 0
	for language, texts := range messages {
		for _, text := range texts {
			n++
			r := saidIn(t, b, "<p>"+text+"</p>")
			if r.Verdict == Benign {
				t.Errorf("%s: %q is nothing at all", language, text)
			}
			if r.Verdict != Alert {
				missed++
				t.Logf("%s: %q: %s", language, text, describe(r))
			}
		}
	}
	t.Logf("%d of %d alert", n-missed, n)
	if 10*missed > n {
		t.Errorf("%d of %d messages in a plain paragraph do not alert", missed, n)
	}
}

// honest are what newspapers, police, response teams, parties and schools write, by
// language.
var honest = map[string][]string{
	"English": {"Ministry website hacked by foreign group, says spokesman", "Three hackers arrested for defacing government portals, police said", "If your website has been hacked, report it to the response team", "What to do if your account has been hacked", "The company is owned by the Government of Punjab", "Land owned by the army was returned", "The plane was hijacked by militants in 1985",
		"The village was struck by an earthquake", "All documents must be stamped by a gazetted officer", "Patch your systems: advisory on a critical vulnerability", "Upgrade your security software regularly", "Your security is our priority", "Long live Pakistan! The president was here to inaugurate the bridge", "The Prime Minister was here on Monday",
		"We are watching your progress, dear students", "Dear admin officers, the meeting is on Monday", "We will never forget our martyrs", "Free Palestine rally held in the city", "A cyber security team was formed at the university", "The Cyber Crime Wing arrested a gang that hacked bank accounts", "Hackathon winners announced", "Lahore Qalandars crushed by Peshawar", "Goalkeeper beaten by a late strike, the match was rooted in defence",
		"He passed away peacefully; he will be remembered by friends and colleagues", "Greetings to all on the occasion of Eid", "Shout out to our volunteers", "How Twitter was hacked by a teenager", "Ethical hacking training for black hat and white hat techniques", "The site was visited by the Secretary", "Powered by WordPress", "Designed and developed by IT Cell", "Statement: the portal has been restored after it was defaced on Sunday", "Your data has been submitted successfully",
		"Hacked accounts: how to recover", "This site is encrypted with TLS", "All your files are stored safely", "Takeover by the provincial government", "The team touched by the tragedy thanked all members", "We sell shell eggs and fish", "Cpanel of the college elected", "Database server upgraded by the National IT Board", "Expect delays on Monday", "No system is in place, the court observed", "Software encrypted by default", "All India Anti-Terrorist Front cyber team exercise", "Security Operations Centre: incident response for websites defaced by attackers"},
	"Urdu":       {"سرکاری ویب سائٹ ہیک کرنے والے ملزمان گرفتار", "وزارت کی ویب سائٹ ہیک کر لی گئی، ترجمان", "صوبائی حکومت کی ویب سائٹ بھارتی ہیکرز نے ہیک کر لی", "نامعلوم ہیکرز نے ہیک کر لیا", "اگر آپ کی ویب سائٹ ہیک ہو جائے تو فوری رپورٹ کریں", "آپ کی سیکیورٹی ہماری ترجیح ہے", "سائبر سیکیورٹی ٹیم نے تربیت مکمل کر لی", "مرحوم کے ایصال ثواب کے لیے دعا کی گئی", "کشمیر بنے گا پاکستان، ریلی کا انعقاد", "ہم شہداء کو نہیں بھولیں گے", "ہماری ٹیم نے میچ جیت لیا", "ایڈمن افسر کی اسامیاں خالی ہیں", "اپنی سیکیورٹی کے لیے پاس ورڈ تبدیل کریں"},
	"Roman Urdu": {"Hum phir milenge, inshallah", "Admin officer ki asami khali hai", "Police ne hackers ko giraftar kar liya", "Agar aap ki website hack ho jaye to report karein"},
	"Arabic":     {"أعلنت الوزارة أن موقعها تعرض للاختراق وفق المتحدث", "اعتقال قراصنة اخترقوا موقع وزارة الداخلية", "نصائح لحماية موقعك من الاختراق", "رحم الله الفقيد وأسكنه فسيح جناته", "فريق الأمن السيبراني يعقد ورشة", "لن ننسى شهداءنا", "حماية البيانات الشخصية حق للجميع", "الجيش يحتفل بعيد الاستقلال", "تم اختراق حسابات الوزارة على تويتر بحسب مصادر"},
	"Persian":    {"سایت وزارت کشور هک شد", "پلیس فتا هکر ۱۷ ساله را دستگیر کرد", "چگونه از هک شدن سایت جلوگیری کنیم", "امنیت شما برای ما مهم است", "تیم ملی فوتبال پیروز شد", "اگر حساب شما هک شد چه کنید"},
	"Sindhi":     {"پوليس هيڪرن کي گرفتار ڪري ورتو", "سنڌ حڪومت جي ويب سائيٽ هيڪ ڪئي وئي، ترجمان", "ادارو نئين ويب سائيٽ کولي ڇڏي"},
	"Pashto":     {"پولیسو د هک کولو په تور دوه کسان ونیول", "د وزارت ویب پاڼه پرانیستل شوه"},
	"Hindi":      {"पुलिस ने वेबसाइट हैक करने वाले दो लोगों को गिरफ्तार किया", "चीनी हैकर्स ने हैक किया एम्स का सर्वर", "अगर आपका खाता हैक हो जाए तो क्या करें", "आपकी सुरक्षा हमारी प्राथमिकता", "साइबर टीम ने प्रशिक्षण लिया", "मंत्रालय की वेबसाइट हैक, अधिकारी ने बताया"},
	"Bengali":    {"ওয়েবসাইট হ্যাক করার অভিযোগে তিনজন গ্রেপ্তার", "আপনার নিরাপত্তা আমাদের অগ্রাধিকার", "হ্যাকাররা ব্যাংকের টাকা চুরি করেছে বলে পুলিশ জানিয়েছে", "বাংলাদেশ দল জয়ী"},
	"Turkish":    {"Ege Üniversitesi ana sayfası dün gece kimliği belirsiz kişiler tarafından hacklendi", "Hesabınız hacklendi mi? Yapmanız gerekenler", "Bakanlık sitesinin bilgisayar korsanları tarafından hacklendiği iddia edildi", "Güvenliğiniz bizim önceliğimizdir", "Siber güvenlik ekibi kuruldu", "Bina mühürlenerek belediye tarafından ele geçirildi iddiası yalanlandı"},
	"Indonesian": {"Situs KPU diretas oleh hacker, polisi tangkap pelaku", "Cara mengatasi website yang diretas", "Keamanan anda prioritas kami", "Tim siber Polri menangkap peretas", "Admin kantor dibutuhkan segera", "Salam dari Bupati untuk seluruh warga", "Kami akan kembali melayani pada hari Senin"},
	"Portuguese": {"Site do STJ foi invadido por hackers, diz polícia", "O que fazer se seu site foi invadido", "Sua segurança é nossa prioridade", "Brasil foi invadido por franceses em 1555", "Não esquecemos as vítimas"},
	"Spanish":    {"El sitio del ministerio fue hackeado, informó el portavoz", "Qué hacer si su cuenta ha sido hackeada", "Tu seguridad es lo primero", "El pueblo fue atacado por rebeldes en 1936", "No olvidamos a nuestros mártires", "Detenido un hacker que atacó la web del Ayuntamiento"},
	"Russian":    {"Сайт министерства взломан, сообщили в полиции", "Что делать, если ваш сайт взломан", "Ваша безопасность — наша забота", "Задержаны хакеры, взломавшие сайт банка", "Никто не забыт, ничто не забыто", "Передаю привет всем учителям"},
	"Chinese":    {"警方抓获入侵政府网站的黑客", "关于防范网站被黑客入侵的通知和安全提示", "网络安全宣传周活动启动", "黑客马拉松大赛报名开始", "管理员办公室电话变更通知"},
	"others":     {"Le site du ministère a été piraté, selon la police", "Que faire si votre site a été piraté", "Die Webseite der Stadt wurde gehackt, so die Polizei", "Votre sécurité est notre priorité", "Ihre Sicherheit ist uns wichtig"},
}

// outOfCharacter reports a page whose language speaks against a text: that it is not
// the text's own is no fault of the text.
func outOfCharacter(r *Report) bool {
	return hasRule(r, "defacement.character") && hasRule(r, "defacement.stray") && !hasRule(r, "defacement.phrase")
}

// News, advisories, obituaries, politics and sport are no alert, in a paragraph, as
// a headline that is a link, or as a heading, and most of them are nothing at all.
func TestFalseFriends(t *testing.T) {
	b := ministryBaseline(t)
	n, suspicious := 0, 0
	for language, texts := range honest {
		for _, text := range texts {
			for _, form := range []string{"<p>%</p>", "<p><a href=/news/1>%</a></p>", "<h3>%</h3>", "<h2>%</h2>", "<p>%. The rest of the article goes on about it for some lines, as articles do, and names those who were asked.</p>"} {
				r := saidIn(t, b, "<div>"+strings.ReplaceAll(form, "%", text)+"</div>")
				n++
				if r.Verdict == Alert && !outOfCharacter(r) {
					t.Errorf("%s: %q in %s: %s", language, text, form, describe(r))
				} else if r.Verdict == Suspicious {
					suspicious++
					t.Logf("%s: %q in %s: %s", language, text, form, describe(r))
				}
			}
		}
	}
	t.Logf("%d of %d reach the analysts", suspicious, n)
	if 4*suspicious > n {
		t.Errorf("%d of %d honest sentences reach the analysts", suspicious, n)
	}
}
