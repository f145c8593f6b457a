package example.bank;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A bank account in whole cents, with an overdraft limit, a history and yearly interest. */
public class Account {

    /** One booking: positive amounts are deposits. */
    public record Booking(String text, long cents) {
    }

    /** Thrown where a withdrawal goes beyond the overdraft limit. */
    public static class OverdrawnException extends RuntimeException {
        public OverdrawnException(String message) {
            super(message);
        }
    }

    private final String owner;
    private final long overdraftLimit;
    private final List<Booking> history = new ArrayList<>();
    private long balance;
    private boolean frozen;

    public Account(String owner) {
        this(owner, 0);
    }

    public Account(String owner, long overdraftLimit) {
        if (owner == null || owner.isBlank()) {
            throw new IllegalArgumentException("an account needs an owner");
        }
        this.owner = owner.trim();
        this.overdraftLimit = overdraftLimit;
    }

    public String owner() {
        return owner;
    }

    public long balance() {
        return balance;
    }

    public List<Booking> history() {
        return Collections.unmodifiableList(history);
    }

    public void freeze() {
        frozen = true;
    }

    public void deposit(long cents, String text) {
        if (cents <= 0) {
            throw new IllegalArgumentException("only positive amounts can be deposited");
        }
        book(cents, text);
    }

    public void withdraw(long cents, String text) {
        if (frozen) {
            throw new IllegalStateException("the account is frozen");
        }
        if (cents <= 0) {
            throw new IllegalArgumentException("only positive amounts can be withdrawn");
        }
        if (balance - cents < -overdraftLimit) {
            throw new OverdrawnException(owner + " lacks " + (cents - balance - overdraftLimit) + " cents");
        }
        book(-cents, text);
    }

    public void transfer(Account other, long cents) {
        withdraw(cents, "to " + other.owner);
        other.deposit(cents, "from " + owner);
    }

    /** Yearly interest in cents: by tiers where there is credit, a flat 12 percent where there is debt. */
    public long interest() {
        if (balance < 0) {
            return -Math.round(-balance * 0.12);
        }
        double rate;
        if (balance < 100_000) {
            rate = 0.01;
        } else if (balance < 1_000_000) {
            rate = 0.015;
        } else {
            rate = 0.02;
        }
        return Math.round(balance * rate);
    }

    private void book(long cents, String text) {
        balance += cents;
        history.add(new Booking(text, cents));
    }
}
