package kb

import (
	"strings"
	"sync"

	"github.com/parleyhq/parley/desk"
)

// usual are words that mean about the same wherever customers ask. A line is a
// group; with > the words before it ask for what stands behind it.
var usual = map[desk.Lang]string{
	desk.English: `
wifi, internet, wlan, wireless
phone, telephone, mobile, cell, cellphone, smartphone
call, ring, phone
price, cost, fee, charge, rate
how much > price, cost
expensive, cheap, affordable > price
free of charge, free, complimentary, no cost
refund, money back, reimburse, reimbursement
return, send back, give back
exchange, swap, replace
cancel, call off, terminate
delivery, shipping, shipment
deliver, ship
parcel, package, shipment
order, purchase, buy
purchase, buy
invoice, bill, receipt
pay, payment
late, delayed, overdue
delay, late, overdue
broken, damaged, defective, faulty
not working, broken, does not work
lost, missing, disappeared
stolen, theft
open, opening hours, business hours
when > time, hours
close, closing, shut
address, location
where > location, address
near, nearby, close to
change, modify, update, edit, alter
delete, remove, erase
register, sign up, create an account
log in, sign in, login
log in, access
password, passcode
person, human, agent, representative, staff
employee, staff, worker
mail, email
message, text, sms
coupon, voucher, promo code, discount code
discount, reduction, rebate
sale, offer, promotion
begin, start, commence
end, stop, finish
fix, repair, mend, solve
problem, issue, trouble
error, failure, fault
allowed, permitted, accepted
allow, permit, accept
need, require
car, vehicle, automobile
bike, bicycle
taxi, cab
child, kid, children, baby
pet, dog, cat
vegetarian, vegan, plant based, meatless
alcohol, alcoholic
beer, wine, whisky, cocktail, liquor, spirits, booze > alcohol, drinks
drink, beverage
food, meal, dish
breakfast, lunch, dinner > meal
outside, outdoor, outdoors
inside, indoor, indoors
sit, seat, seating
room, bedroom, apartment
apartment, flat
toilet, restroom, bathroom
elevator, lift
wheelchair, disabled, accessible, handicap
reserve, book, reservation, booking
appointment, booking
luggage, baggage, suitcase, bag
gym, fitness, workout
pool, swim, swimming
parking, park, garage
smoke, smoking, cigarette
guarantee, warranty
insurance, insured, cover
tax, vat
transfer, send
card, credit card, debit card
cash, money
withdraw, withdrawal, take out
top up, add money, recharge
balance, amount
currency, exchange rate
salary, wage
identity, id, identification
verify, verification, confirm
block, freeze, suspend
fast, quick, quickly
big, large
small, little
holiday, vacation
christmas, holiday, public holiday
sunday, saturday > weekend
help, support, assistance
complain, complaint
feedback, review, rating
company, business, firm
country, abroad, international
abroad, foreign, overseas
student, pupil
doctor, physician
picture, photo, image
app, application
website, site, webpage
pc, computer, laptop
screen, display
battery, charge
allergic, allergy, allergen
nuts, gluten, lactose, dairy > allergen
milk, dairy
`,
	desk.Chinese: `
无线网, 无线, 上网, 网络, 宽带, wifi
手机, 电话, 移动电话
价格, 价钱, 费用, 收费, 多少钱, 价位
贵, 便宜 > 价格
免费, 不要钱, 不收费
退款, 退钱, 返款
退货, 退换, 退回
换货, 更换, 调换
取消, 退订, 撤销
快递, 物流, 配送, 送货, 外送
包裹, 快递, 货物
下单, 订购, 购买, 买
订单, 单子
发票, 收据, 账单
支付, 付款, 付钱, 缴费
迟到, 延误, 晚点, 延迟
坏, 损坏, 故障, 破损
修, 维修, 修理
丢, 丢失, 遗失, 不见
被盗, 被偷
营业时间, 开门, 几点开, 上班时间
关门, 打烊, 下班
地址, 位置, 在哪
附近, 周边, 旁边
修改, 更改, 变更, 改
删除, 注销, 移除
注册, 开户, 开通
登录, 登陆
密码, 口令
人工, 客服, 真人
短信, 信息, 消息
邮箱, 邮件, 电子邮件
优惠券, 代金券, 折扣码, 红包
优惠, 打折, 折扣, 促销
开始, 起
结束, 停止
问题, 毛病
允许, 可以, 能
汽车, 车, 车辆
自行车, 单车
出租车, 的士
小孩, 孩子, 儿童, 宝宝
宠物, 狗, 猫
素食, 纯素, 吃素
酒, 啤酒, 红酒, 白酒
饮料, 饮品
预订, 预定, 订, 预约
行李, 箱子
健身, 健身房
停车, 停车场, 车位
抽烟, 吸烟
保修, 质保, 保障
保险, 投保
税, 发票
转账, 汇款
银行卡, 信用卡, 卡
取钱, 取款, 提现
充值, 续费, 充钱
余额, 剩余
身份证, 证件
验证, 核实, 实名
冻结, 锁定, 停用
快, 迅速
假期, 放假, 节假日
投诉, 反馈, 举报
公司, 企业
国外, 海外, 境外, 国际
照片, 图片, 图像
网站, 网页, 网址
电脑, 计算机, 笔记本
过敏, 过敏原
什么时候, 何时, 几时
为什么, 为何
怎么, 如何, 怎样
哪里, 何处, 哪儿, 什么地方
谁, 哪位
`,
}

// usualWords are the usual words, ready to be found in a text.
var usualWords = sync.OnceValue(func() map[desk.Lang]*thesaurus {
	out := map[desk.Lang]*thesaurus{}
	for lang, list := range usual {
		out[lang] = newThesaurus(readUsual(list), usualWeight)
	}
	return out
})

func readUsual(list string) []Synonym {
	var out []Synonym
	for line := range strings.Lines(list) {
		from, to, oneWay := strings.Cut(strings.TrimSpace(line), ">")
		if from == "" {
			continue
		}
		words := cleanList(strings.Split(from, ","))
		if !oneWay {
			out = append(out, Synonym{Words: words})
			continue
		}
		for _, of := range cleanList(strings.Split(to, ",")) {
			out = append(out, Synonym{Words: words, Of: of})
		}
	}
	return out
}
