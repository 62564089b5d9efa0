-- What nobody vouched for of a contact: name, email, phone, attributes.KEY.
ALTER TABLE contacts ADD COLUMN claimed {json} NOT NULL DEFAULT '[]';
