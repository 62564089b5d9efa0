package demo

// coffeeWords is what the coffee shop's page says.
func coffeeWords(lang string) page {
	if lang == "zh" {
		return page{
			Company: "赤杨咖啡",
			T: map[string]string{
				"title": "赤杨咖啡 · 现做现送", "menu": "菜单", "shops": "门店", "deals": "优惠", "how": "怎么点",
				"hero": "好咖啡，三十分钟送到手边", "lead": "安福路烘焙，现点现做。点右下角的气泡，打字或轻点，就像跟店员说话一样。",
				"cta": "看看菜单", "badge": "今日 7:30 – 19:30 外送", "kicker": "上海 · 三家门店",
				"menu_lead": "价格含税，植物奶加 3 元，低因不加价。", "small": "小杯", "large": "大杯",
				"deals_title": "这周的优惠", "shops_title": "来店里坐坐", "week": "周一至周五", "weekend": "周末",
				"how_title": "三步喝上咖啡", "foot": "配送费 6 元，满 60 元免费。配送范围为门店 4 公里内。", "made": "演示门店，不会真的送咖啡。",
				"skip": "跳到正文", "nav": "主导航",
			},
			Drinks: []drink{
				{"latte", "拿铁", "浓缩与热牛奶，柔和顺滑。", "24", "28", ""},
				{"americano", "美式", "浓缩加水，干净明亮。", "18", "22", ""},
				{"flat_white", "澳白", "双份浓缩，细腻奶沫。", "26", "30", ""},
				{"cappuccino", "卡布奇诺", "厚厚的奶泡，只在店里喝。", "24", "28", "仅限堂食"},
			},
			Deals: []item{
				{"早鸟", "工作日 9 点前，大杯减 5 元。"}, {"下午搭档", "14 – 16 点，第二杯半价。"}, {"自带杯", "门店立减 3 元。"},
			},
			Shops: []shop{
				{"安福路 88 号", "7:00 – 21:00", "8:00 – 21:00"}, {"滨江步道 21 号", "7:00 – 20:00", "8:00 – 20:00"}, {"大学路 9 号", "7:30 – 22:00", "9:00 – 22:00"},
			},
			Steps: []item{{"说出来", "“一杯大杯拿铁送到公司”，一句话就够。"}, {"核对", "确认前先看清每一项，随时可改。"}, {"送到", "约三十分钟，随时可查到哪了。"}},
		}
	}
	return page{
		Company: "Alder Coffee",
		T: map[string]string{
			"title": "Alder Coffee · made now, brought now", "menu": "Menu", "shops": "Shops", "deals": "Deals", "how": "How it works",
			"hero": "Good coffee, at your desk in thirty minutes", "lead": "Roasted on Anfu Road, made when you order. Tap the bubble down here: tap, or type as you would talk to a barista.",
			"cta": "See the menu", "badge": "Delivering today 7:30 – 19:30", "kicker": "Shanghai · three shops",
			"menu_lead": "Plant milk is ¥3 more, decaf costs nothing extra.", "small": "Small", "large": "Large",
			"deals_title": "This week's deals", "shops_title": "Come and sit with us", "week": "Monday – Friday", "weekend": "Weekend",
			"how_title": "Three steps to a coffee", "foot": "Delivery ¥6, free from ¥60 on, within 4 km of each shop.", "made": "A demonstration shop: no coffee will really come.",
			"skip": "Skip to content", "nav": "Main",
		},
		Drinks: []drink{
			{"latte", "Latte", "Espresso in hot milk, soft and round.", "24", "28", ""},
			{"americano", "Americano", "Espresso and water, clean and bright.", "18", "22", ""},
			{"flat_white", "Flat white", "A double shot under fine foam.", "26", "30", ""},
			{"cappuccino", "Cappuccino", "A thick cap of foam that does not travel.", "24", "28", "In the shop only"},
		},
		Deals: []item{
			{"Early bird", "¥5 off large drinks before 9:00 on weekdays."}, {"Two for the desk", "The second drink at half price, 14:00 – 16:00."}, {"Bring your cup", "¥3 off in the shops."},
		},
		Shops: []shop{
			{"88 Anfu Road", "7:00 – 21:00", "8:00 – 21:00"}, {"21 Riverside Walk", "7:00 – 20:00", "8:00 – 20:00"}, {"9 University Avenue", "7:30 – 22:00", "9:00 – 22:00"},
		},
		Steps: []item{{"Say it", "“A large latte to the office”: one sentence is enough."}, {"Check it", "You see every detail before anything happens, and can change it."}, {"Get it", "In about thirty minutes. Ask any time where it is."}},
	}
}

// driverWords is what the driver app's page says.
func driverWords(lang string) page {
	bars := []bar{{H: 52}, {H: 70}, {H: 44}, {H: 84}, {H: 96}, {H: 61}, {H: 30, Today: true}}
	days := []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}
	if lang == "zh" {
		days = []string{"一", "二", "三", "四", "五", "六", "日"}
	}
	for i := range bars {
		bars[i].Day, bars[i].X, bars[i].Y, bars[i].At = days[i], i*44+10, 104-bars[i].H, i*44+22
	}
	if lang == "zh" {
		return page{
			Company: "风筝出行", Bars: bars,
			T: map[string]string{
				"title": "风筝出行 · 司机端", "online": "在线接单", "hello": "下午好，陈师傅", "today": "今日收入", "trips": "行程", "hours": "在线", "rating": "评分",
				"hours_value": "6 小时 20 分", "week": "本周", "paid": "周二发放", "recent": "最近行程", "area": "附近需求高", "help": "遇到问题？点右下角，三步解决。", "made": "演示页面，数据均为虚构。", "map": "附近地图",
			},
			Trips: []trip{
				{"14:05", "静安寺", "虹桥火车站", "¥68.40", ""}, {"12:48", "徐家汇", "新天地", "¥31.20", ""}, {"11:30", "浦东机场 T2", "陆家嘴", "¥142.00", "核对中"}, {"10:02", "大学路", "五角场", "¥12.00", "乘客未到"},
			},
		}
	}
	return page{
		Company: "Kite Ride", Bars: bars,
		T: map[string]string{
			"title": "Kite Ride · driver", "online": "Online", "hello": "Good afternoon, Mr Chen", "today": "Earned today", "trips": "trips", "hours": "online", "rating": "rating",
			"hours_value": "6 h 20 min", "week": "This week", "paid": "paid on Tuesday", "recent": "Recent trips", "area": "Busy around you", "help": "Something wrong? Tap the bubble: three taps settle most of it.", "made": "A demonstration: all figures are invented.", "map": "Map of the area",
		},
		Trips: []trip{
			{"14:05", "Jing'an Temple", "Hongqiao Station", "¥68.40", ""}, {"12:48", "Xujiahui", "Xintiandi", "¥31.20", ""}, {"11:30", "Pudong Airport T2", "Lujiazui", "¥142.00", "under review"}, {"10:02", "University Avenue", "Wujiaochang", "¥12.00", "no-show"},
		},
	}
}
