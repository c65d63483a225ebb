DELETE FROM links WHERE purpose = 'sign-in';
ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check
    CHECK (purpose IN ('invitation', 'password-reset', 'email-change'));
