package compare

import "slices"

// phraseClass is what a phrase does in a defacement. Two classes together are
// decisive where one alone is not.
type phraseClass string

const (
	claim   phraseClass = "claim"    // names who did it
	tag     phraseClass = "tag"      // a claim, if what stands beside it is no ordinary name
	bare    phraseClass = "bare"     // a claim, if it is all that is said
	address phraseClass = "address"  // speaks to the owner or visitor about it
	boast   phraseClass = "boast"    // greets friends, signs, threatens
	taunt   phraseClass = "taunt"    // mocks the security
	crew    phraseClass = "crew"     // names a kind of group
	lure    phraseClass = "lure"     // tells visitors to run something
	state   phraseClass = "own_page" // words of maintenance, parking and error pages
)

// order is how telling a class is, the most telling first.
func (c phraseClass) order() int {
	return slices.Index([]phraseClass{claim, address, tag, bare, boast, taunt, crew, lure, state}, c)
}

// phraseSource is a list of phrases as people write them; they are folded like the
// text they are looked for in. {a|b} stands for either, a trailing * for any ending
// of the last word. last marks phrases of languages that put the verb at the end:
// the name comes before. sure phrases count alone, where others of their class take
// company. within is the most words of a piece of text in which a
// phrase counts, 0 for any number: shorter phrases are news in a longer text.
type phraseSource struct {
	class  phraseClass
	last   bool
	sure   bool
	within int
	texts  []string
}

// phraseSources is the lexicon. It is tight on purpose: "hack", "owned by" or
// "breach" alone fire on 13.4 % of ordinary pages; tight phrases on 0.27 %, and
// on none of 3,735 pairs when they must be new (measured on 732 pages and four
// site histories).
var phraseSources = joinSources(englishPhrases, europeanPhrases, arabicScriptPhrases, indicPhrases, easternPhrases, ownPagePhrases)

func joinSources(lists ...[]phraseSource) []phraseSource {
	var out []phraseSource
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

var englishPhrases = []phraseSource{
	{class: claim, texts: []string{"{hacked|haked|hackd|hackt|h4ked|hecked|haxed|haxored|haxd|pwned|pwnd|defaced|rooted and defaced} by", "{hvcked|hxcked|heked|hekked|hackked|hakced|hcked|hackeado|hackeada|hacklendi} by", "{hacked|heked|hvcked} {bye|bey|bai}", "hack by", "hackby", "deface by", "defacement by", "owned by team", "owned and hacked by",
		"hacked and {owned|defaced|rooted|stamped} by", "{cracked|breached|seized|touched|stamped|struck|destroyed} by team", "{fucked|raped|hax0red} by", "got {hacked|owned|pwned} by", "hacked with love", "defaced with love",
		"this {site|website|page|server} {was|is|has been|got} {hacked|defaced|owned|pwned|rooted|taken over} by", "{site|website|system|server|database} {|has been |was |got }{hacked|defaced|pwned} by",
		"security {breached|broken|bypassed} by", "{i|we} hacked {this|your|the} {site|website|server|system|page}", "{i|we} {defaced|pwned|rooted|owned} {this|your} {site|website|server|system|page}"}},
	{class: tag, texts: []string{"{owned|rooted|stamped|struck|touched|seized|destroyed|visited|infected|exploited|breached|cracked|compromised|hijacked|leaked|dumped|taken over|taken down|locked|encrypted|infiltrated|coded|powered|takeover|take over|jacked} by"}},
	{class: tag, last: true, texts: []string{"{was|is|were|has been} here", "{owns|pwns|owned|pwned|hacked} {you|u|this|this site|this website|your site|your box|your server|this server|ur box|ur site}"}},
	{class: tag, last: true, sure: true, within: 10, texts: []string{"was here again", "{esteve|estiveram|estivemos|passou por} aqui", "{estuvo|estuvieron|estuvimos|pasó por} aquí", "{était|étaient} ici", "war hier", "è stato qui", "buradaydı", "buradaydık", "đã ở đây"}},
	{class: bare, texts: []string{"{|you are |you ve been |you have been |u have been |u r |your site is |site |website |server |system |admin }{hacked|haxed|haxored|pwned|owned|defaced|rooted}", "h4cked", "hack3d", "hacked you", "get hacked", "owned lol",
		"security breached", "security failed", "system failure", "tango down", "game over admin", "you ve been pwned"}},
	{class: address, texts: []string{"{your|ur|this|the} {site|website|web site|webpage|web page|web|page|homepage|server|system|portal|domain|database|index|security|network} {|has been |have been |had been |was |is |is now |got |has just been |been }{hacked|pwned|owned|defaced|rooted|haxed|haxored|hijacked|stamped}",
		"{your|this} {site|website|server|system|network|data|database} {is|are} {|now }{under our control|in our hands|controlled by us|ours|our property}", "your {site|website|server|system|network|database} {has been|was|got} {seized|breached|taken over|compromised|destroyed|infiltrated|penetrated|exploited|stolen|dumped|leaked} by {us|our|team|the}",
		"this {site|website|server} {has been|is|was} seized by", "your site has been taken over", "your website has been taken over", "{you|u} {have been|ve been|were|are|got|just got} {|just }{hacked|pwned|owned|defaced|haxed}", "{we|i} {|have |have just |just }hacked {you|your|this}",
		"we own {your|you|this} {site|website|server|system|network|now}", "{we|i} {|have |ve }{took|taken} {over|control of} {your|this} {site|website|server|system}", "{we|i} {|have |ve |got }{full access|root access|access} to your",
		"your {data|database|files|information|emails|mails|backups} {has been|have been|was|were|is|are} {stolen|leaked|dumped|downloaded|exfiltrated|encrypted|sold|wiped}", "all your files are ours", "all {|of }your files {are|were|have been|has been} {encrypted|locked}", "your {website|web site|site|web|server} {has been|have been} {encrypted|locked}", "your {website|web site|site|web} is encrypted by", "pay {us|me} {to|and we} {unlock|decrypt|restore|recover}", "we have {all |}your {data|database|files|emails}", "we {have |}{stolen|dumped|leaked|downloaded} your {data|database|files}",
		"we {will|are going to} {leak|publish|release|sell|dump} your {data|database|files|information|emails}", "your index {has been|was|is} {changed|replaced|renamed|backed up}", "{only|just} your index", "we {only|just} {changed|replaced|renamed} your {index|homepage|page|home page}",
		"{no|none of your} {files|data|file} {were|was|have been|has been} {deleted|harmed|damaged|removed} {admin|we|i|just|only|by us}", "your security has been {breached|bypassed|broken|defeated}", "all your base are belong to us"}},
	{class: boast, sure: true, texts: []string{"{greetz|greets|shoutz|gr33tz} to all {hackers|members|crew|defacers|my friends|friends|team}", "greetz", "greetz to", "greetz 2", "gretz", "greetz all", "shoutz", "shoutz to", "{shout out|greetings|special thanks} to all {hackers|members|defacers}", "thanks to all hackers",
		"we are legion", "united as one divided by {zero|0}", "hacker was here", "mass deface", "mass defacement", "deface page", "hacking is not a crime", "defaced for fun", "long live {hackers|defacers|the hackers}", "hacking is our {weapon|passion|game|job|hobby}", "no one said the internet was safe"}},
	{class: boast, sure: true, within: 60, texts: []string{"{sell|selling|jual|we sell|i sell} {|high |fresh |all }{shell|shells|cpanel|cpanels|webshell|webshells|da pa|da}", "shell cpanel", "cpanel whm", "da pa shells"}},
	{class: boast, texts: []string{"greets to", "we are legion", "we do not forgive", "we do not forget", "we don t forgive", "we don t forget", "united as one divided by {zero|0}", "{|you should have }expect{ed|} us", "we are anonymous", "we are the anonymous", "we are watching you", "we are always watching", "remember our name", "remember the name",
		"contact {me|us} to {fix|patch|recover|restore}", "{mail|email} {me|us} to {fix|patch|recover}", "game over admin", "no {system|site|website|server|one} is {safe|secure}", "nothing is {safe|secure}", "no system is {|100 |100 percent }{safe|secure}", "hacker was here", "just a defacement", "dont be evil admin",
		"we will be back admin", "we ll be back admin", "we will come back admin", "long live {hackers|defacers|the hackers}", "mass deface", "mass defacement", "deface page", "defacement page", "deface for fun", "defaced for fun", "hacking is {not a crime|our life|an art|my life}", "hackers for palestine", "hack for palestine",
		"we can {hack|enter|break into} {any|your|every}", "stop {using this|being noob}", "your friendly hacker", "the quieter you become", "we came we saw", "we are the hackers", "we are hackers", "i am a hacker", "just for {fun|lulz} admin", "for the lulz", "proof of concept admin", "cyber war has {begun|started|just begun}", "this is {our|a} revenge",
		"revenge for", "payback for", "a message to the government of", "your days are {numbered|over}", "fear us", "hail to the {hackers|crew}", "respect to all {hackers|defacers}"}},
	{class: taunt, sure: true, texts: []string{"your security {is|was} {|so |very |too |really |just |totally |fucking }{low|weak|bad|poor|zero|0|0 %|down|shit|a joke|nothing|lame|easy|trash|gone|null|useless|pathetic|fucked|terrible|fail|failed|broken|an illusion|sucks|ours}", "{your|ur} security sucks", "security is {|just |only }an illusion", "security is a myth", "security is {low|0|zero|null|down|nothing}", "where is your security",
		"security 0", "zero security", "security 0 %", "no security admin", "patch your {site|website|system|server|shit|security|bug|bugs|hole|holes|web|vuln|vulnerability|vulnerabilities} {admin|before|or|next time|please|pls|plz|asap|now|lol|noob|idiot|bro|dude|sir|dear|kid|kids|fast}",
		"{secure|fix|patch|protect|check|upgrade|improve|update} your {website|site|system|security|server|web|shit} {admin|pls|plz|noob|idiot|lol|bro|dude|sir|kid|dumb}", "fix your security admin",
		"admin {sorry|sleeping|is sleeping|is asleep|asleep|down|noob|wake up|please|pls|plz|fix|patch|fail|failed|lamer|lol|sucks|you are|where are you|where is your|got owned|got pwned|got hacked|u are|so bad|idiot|stupid|secure|learn|kids|pwned|bodoh|goblok|tolol}",
		"{your|ur} {system|site|website|server|web|page} {is|was} {|so |very |still |too |really }{vulnerable|vuln|unsecure|insecure|not secure|not safe|unsafe|weak|unprotected}", "lamer", "lamers", "bad security", "low security", "too easy to hack", "so easy to hack", "easy to hack", "it was {too|so} easy", "hire {me|us} to secure", "next time {we|i} will", "do not blame {us|me} admin"}},
	{class: taunt, texts: []string{"{hey|hello|hi|dear|sorry|oops|ooops|opps|yo|lol|poor|bye bye|bye|good night|good morning|wake up|sleeping|stupid|noob|lamer|idiot|dumb|lazy|fuck|fuck you|fuck the|hai|halo|thanks|thank you|f ck|listen|attention|note to|message to|message for|to the|shame on|greetings} {|mr |mr. |dear |stupid |site |the |my |system }{admin|administrator|webmaster|sysadmin|web admin|webadmin}"}},
	{class: crew, texts: []string{"cyber {army|team|crew|force|squad|gang|warriors|warrior|hunters|attackers|brigade|mafia|skullz|sword|fighters|resistance|partisans|soldiers|mujahideen|jihad|caliphate|legion|pirates|ghosts|terrorist}", "{hacking|hackers|hacker|hack|haxor|haxors|deface|defacer|defacers|h4x0r|underground|anonymous|exploit|shell} {team|crew|group|squad|gang|army|family|community|cell|union}",
		"haxor", "haxors", "hax0r", "ghost squad", "cyb3r", "black hat", "blackhat", "blackhats", "grey hat {hackers|hacker}", "white hat {hackers|hacker}", "security team 1337", "defacer", "defacers", "digital army", "electronic army", "hacktivist", "hacktivists", "1337", "l33t", "script kiddie", "script kiddies", "zone h", "zone xsec", "defacer id", "mirror h", "haxor id"}},
	{class: boast, sure: true, within: 60, texts: []string{"nothing {was|has been|is} {deleted|damaged|harmed|removed|wiped}", "{we|i} {did not|didn t} {delete|damage|harm|touch} {anything|any|your|the}", "no {data|files|database} {was|were|has been} {deleted|harmed|damaged} {by|here|relax|dont|don t|we|i}", "nothing will be forgiven"}},
	{class: lure, texts: []string{"press windows key r", "press win r", "windows key r", "press the windows button r", "win r", "press ctrl v", "ctrl v and press enter", "paste the command", "paste it into the run", "open the run dialog", "open powershell", "open terminal and paste"}},
}

var europeanPhrases = []phraseSource{
	// Turkish, Azerbaijani
	{class: claim, last: true, texts: []string{"tarafından {hack|hek}*", "terefinden hack*", "tərəfindən hack*", "tarafından {indexlendi|patlatıldı|defacelendi|çökertilmiştir|ele geçirilmiştir}"}},
	{class: bare, texts: []string{"{|site |siteniz |bu site }{hacklendi|heklendi|hackledik}"}},
	{class: address, texts: []string{"{siteniz|sitenizi|siten|sisteminiz|sunucunuz|web siteniz|serveriniz} {|de |da |artık |tarafımızdan }hack*", "{bu|bu web} {site|sitesi|sayfa|sistem|sunucu} {|artık |tarafımızdan }hack*", "sitenizi hackledik", "{sitenize|sisteminize|sitene|sunucunuza} {el konuldu|el koyduk|sızdık|sızıldı|girdik}", "{sistem|sistemin|site|sitenin} güvenliği {ihlal edildi|aşıldı|kırıldı}", "{siteniz|sisteminiz} {ele geçirilmiştir|ele geçirildi|bizim kontrolümüzde|kontrolümüz altında}", "hacklendiniz", "hacklendin", "heklendiniz"}},
	{class: boast, texts: []string{"biz geldik", "sizi uyardık", "yine biz", "yine geldik", "bizi unutmayın", "bizi unutma", "bekleyin geliyoruz", "geri döneceğiz admin", "intikamımız", "biz her yerdeyiz", "selam olsun"}, within: 60},
	{class: taunt, texts: []string{"güvenlik açığı admin", "güvenlik açığınız", "güvenlik açıklarınızı kapatın", "açığınızı kapatın", "açıklarınızı kapatın", "sitenizde {güvenlik |}açığı", "güvenliğiniz {sıfır|çok zayıf|zayıf|kötü}", "{uyan|günaydın|merhaba|selam|sayın|kusura bakma|özür dilerim} admin", "admin {uyan|uyuyor|uyuma|kardeş|abi|bey}"}, within: 80},
	{class: crew, texts: []string{"siber {ordu|ordusu|tim|timi|savaşçılar|akıncılar}", "hack {tim|timi|takımı|ordusu}", "{türk|turk} {hack team|hacker|hackerlar|cyber army}"}},
	{class: address, last: true, texts: []string{"hacklenmiştir"}},

	// Portuguese
	{class: claim, texts: []string{"{hackeado|hackeada|rackeado|raqueado|haqueado|hacked|defaceado|desfigurado|owned|pwned|pixado|pichado|defacement|deface|fudido|fodido|ownado} por", "{hackeado|hackeada|haqueado|haqueada|rackeado|fudido|fodido|ownado} {pela|pelo|pelos|pelas}", "{site|website|página|servidor|sistema} {invadido|invadida|hackeado|hackeada|tomado|derrubado} por"}},
	{class: tag, sure: true, texts: []string{"{invadido|invadida|pichado|dominado} {por|pela|pelo}"}},
	{class: bare, texts: []string{"{|site |página |sistema |você foi |vocês foram }{hackeado|hackeada|hackeados|invadido|owned}"}},
	{class: address, texts: []string{"{seu|este|esse|o seu|teu} {site|website|servidor|sistema|portal} {foi|está|esta sendo|acaba de ser} {hackeado|invadido|pichado|derrubado|tomado|comprometido por|desfigurado}", "{sua|esta|essa} {página|pagina|segurança} foi {hackeada|invadida|violada|quebrada}", "{você|vocês|voce|voces} {foi|foram} {hackeado|hackeados|invadido|invadidos}", "nós hackeamos", "hackeamos {seu|o seu|este}", "{invadimos|dominamos|tomamos} {seu|o seu|este} {site|servidor|sistema}", "temos {todos os seus|os seus|seus} dados", "seus dados {foram|estão} {roubados|vazados|expostos|em nosso poder}"}},
	{class: boast, texts: []string{"salve {galera|geral|para|pra|ao|aos}", "nós somos {anonymous|legião|a legião}", "somos {anonymous|legião|uma legião}", "não perdoamos", "não esquecemos", "esperem por nós", "aguardem nos", "nenhum sistema é {seguro|100 seguro}", "agradecimentos a todos os hackers"}, within: 150},
	{class: taunt, texts: []string{"{acorda|olá|ola|oi|desculpa|desculpe|valeu|bom dia|boa noite|ei|hey|caro} {|sr |senhor }{admin|administrador|webmaster}", "admin {acorda|arruma|corrige|noob|burro|dormindo|lixo|fraco}", "{sua|tua} segurança é {|muito |uma }{fraca|baixa|zero|nula|falha|lixo|merda|piada|ruim|péssima|pessima|inexistente}", "segurança {zero|nula|fraca|lixo}", "{arruma|corrige|corrija|melhore|arrume} {isso|sua segurança|seu site|essa falha|essa segurança} {admin|aí|ai|logo}", "melhore sua segurança", "{conserta|arruma|corrige|arrume|conserte} {essa|a|sua|esta} {falha|segurança|vulnerabilidade}"}, within: 80},

	// Spanish
	{class: claim, texts: []string{"{hackeado|hackeada|jaqueado|jackeado|crackeado|crakeado|defaceado|hacked|owned|pwned} {por|x}", "{sitio|web|página|pagina|servidor|sistema} {hackeado|hackeada|tomado|tomada|vulnerado|vulnerada} por"}},
	{class: tag, sure: true, texts: []string{"{vulnerado|vulnerada} por"}},
	{class: bare, texts: []string{"{|sitio |página |web |has sido |han sido |fuiste |servidor |sistema }{hackeado|hackeada|hackeados|jaqueado|vulnerado}"}},
	{class: address, texts: []string{"{su|tu|este|vuestro|el} {sitio|sitio web|website|servidor|sistema|portal} {ha sido|fue|está|esta|a sido} {hackeado|vulnerado|tomado|jaqueado|crackeado|comprometido por}", "{su|tu|esta|la} {página|pagina|web|página web|seguridad} {ha sido|fue|está|esta|a sido} {hackeada|vulnerada|tomada|jaqueada|violada}", "{has|han|usted ha|ustedes han} sido {hackeado|hackeados|hackeada|vulnerado|vulnerados}", "hemos {hackeado|vulnerado|tomado el control de} {su|tu|este|esta|vuestro}", "{hackeamos|tomamos|vulneramos} {su|tu|este|esta} {sitio|página|pagina|web|servidor|sistema}", "tenemos {todos sus|sus|tus|todos tus} datos", "sus datos {fueron|han sido} {robados|filtrados|expuestos}"}},
	{class: boast, texts: []string{"somos {anonymous|legión|legion|una legión}", "no perdonamos", "no olvidamos", "{espérennos|esperennos|espéranos|esperanos|esperadnos}", "saludos a {todos los hackers|la banda|todo el team|mis amigos hackers}", "ningún sistema es seguro", "nada es seguro", "estuvo aquí admin"}, within: 150},
	{class: taunt, texts: []string{"{hola|despierta|perdón|perdon|lo siento|oye|estimado|gracias|buenas noches|pobre} {|sr |señor |querido }{admin|administrador|webmaster}", "admin {despierta|noob|inútil|inutil|dormido|duerme|lammer|parchea|arregla}", "{tu|su|vuestra} seguridad {es|está|apesta} {|muy |una |tan }{nula|baja|mala|débil|debil|pésima|pesima|cero|mierda|basura|broma|vulnerable|pobre}", "{mejora|mejoren|arregla|arreglen|parchea|parcheen} {tu|su} {seguridad|sitio|sistema|web|servidor} {admin|webmaster|por favor|ya}", "seguridad {nula|cero|0}", "lammers"}, within: 80},

	// Russian, Ukrainian
	{class: claim, texts: []string{"{взломано|взломан|взломана|хакнуто|хакнут|дефейснут|задефейсен|зламано} {командой|группой|группировкой|by|хакером|хакерами из|нами|мной|от}", "{взлом|дефейс|хак} {by|от}", "{сайт|страница|сервер|портал} {|был |была }{взломан|взломана|хакнут|дефейснут|зламано} {командой|группой|группировкой|by|нами|мной|от}", "здесь был хакер", "{мы|я} {взломали|взломал|хакнули|хакнул|зламали} {этот|ваш|твой|вас|тебя|цей}"}},
	{class: tag, last: true, sure: true, texts: []string{"{была|был|были} {здесь|тут}"}, within: 8},
	{class: bare, texts: []string{"{|сайт |этот сайт |вы |ваш сайт |сервер |ты |вас }{взломано|взломан|взломаны|взломали|взломана|хакнут|хакнуто|хакнуты|зламано|захвачен}"}},
	{class: address, texts: []string{"{ваш|этот|твой|данный|цей} {сайт|веб сайт|сервер|портал|ресурс|хостинг} {|был |уже |теперь }{взломан|хакнут|захвачен|дефейснут|под нашим контролем|зламано|уничтожен нами|зламаний}", "{ваша|эта|твоя} {страница|система|сеть|база|безопасность|защита} {|была |уже }{взломана|хакнута|захвачена|под нашим контролем|сломана}", "вас {взломали|хакнули|взломала}", "вы {были |}{взломаны|хакнуты}", "ваши данные {|были |теперь }{украдены|слиты|у нас|похищены|в наших руках|скачаны|зашифрованы|уничтожены}", "мы {получили|имеем} {полный |}доступ к {вашей|вашему|вашим}"}},
	{class: boast, texts: []string{"мы легион", "мы anonymous", "мы анонимы", "мы анонимус", "мы не прощаем", "мы не забываем", "ждите нас", "передаю привет", "передаем привет {всем|админу|хакерам}", "мы ещё вернёмся админ", "привет от хакеров", "ни одна система не {безопасна|защищена}", "мы следим за вами"}, within: 150},
	{class: taunt, texts: []string{"{привет|проснись|спасибо|прости|извини|спокойной ночи|дорогой|уважаемый|тупой|глупый|эй} {админ|админы|админу|администратор|вебмастер}", "админ {проснись|ты|лох|спит|дурак|нуб|учись|закрой|исправь|ламер}", "ваша {безопасность|защита} {|очень |просто |это }{слаба|слабая|дырявая|ужасна|нулевая|ноль|говно|миф|0|плохая|ни к черту|ничто}", "закройте {дыру|дыры|уязвимость}", "{дырявый|дырявая} {сайт|сервер|защита}", "безопасность это {миф|иллюзия}"}, within: 80},
	{class: crew, texts: []string{"киберармия", "кибер армия", "кібер армія", "кибер партизаны", "кибербригада", "хак группа", "команда хакеров"}},

	// French, German, Italian, Albanian, Polish, Vietnamese
	{class: claim, texts: []string{"{piraté|piratée|hacké|hackée|défacé|defacé|hacked|cracké} par", "{gehackt|gehacked|gecrackt|defaced} {von|durch}", "{hackerato|hackerata|hackato|bucato|defacciato} da", "{hakuar|hackuar|u hakua} nga", "{zhackowane|zhakowane|zhakowana|zhakowany|shackowane} przez", "{|đã |website |trang web }{|đã }bị hack bởi", "hack bởi", "hacked bởi"}},
	{class: bare, texts: []string{"{|site |vous êtes |vous avez été |tu as été }{piraté|hacké|piratés|hackés}", "{|wurde |du wurdest |seite }gehackt", "đã bị hack", "zhakowano", "hackerato"}},
	{class: address, texts: []string{"{votre|ce|ton} {site|site web|serveur|système|portail} {a été|est|vient d être} {|de nouveau }{piraté|hacké|défacé|cracké|compromis par}", "{vous avez|tu as} été {piraté|piratés|hacké|hackés}", "nous avons {piraté|hacké} {votre|ce}", "{ihre|deine|diese|eure} {seite|webseite|website|homepage|internetseite} {wurde|ist} {|von uns }gehackt", "{il tuo|il vostro|questo|il suo} {sito|server|sistema} è stato {hackerato|violato|bucato|hackato}", "{website|trang web|trang|hệ thống} {của bạn|của các bạn|này} {|đã }bị {hack|tấn công bởi|xâm nhập bởi}", "{sajti|faqja|websajti} {juaj|tuaj} {u|është} {hakua|hakuar}"}},
	{class: boast, texts: []string{"nous sommes {légion|anonymous|la légion}", "nous ne pardonnons pas", "nous n oublions pas", "redoutez nous", "wir sind {anonymous|legion|viele}", "wir vergeben nicht", "wir vergessen nicht", "erwartet uns", "siamo {anonymous|legione}", "non perdoniamo", "non dimentichiamo", "aspettateci"}, within: 150},
	{class: taunt, texts: []string{"{bonjour|salut|réveille toi|désolé|pauvre|cher} {|mr |monsieur |l }{admin|administrateur|webmaster}", "votre sécurité est {|très |une }{nulle|faible|mauvaise|zéro|vulnérable|blague}", "{hallo|sorry|guten morgen|lieber|aufwachen} {admin|administrator|webmaster}", "{eure|deine|ihre} sicherheit ist {|sehr |so }{schlecht|schwach|null|mies|ein witz}", "{ciao|svegliati|scusa} admin", "bảo mật {kém|yếu|quá kém|quá yếu|của bạn}", "{chào|xin chào} admin"}, within: 80},
}
