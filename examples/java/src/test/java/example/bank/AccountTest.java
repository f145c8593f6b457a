// Running these tests shows: all pass but interestOfTheMiddleTier, which expects the wrong rate.
// depositRaisesTheBalance is repeated by balanceAfterADeposit, and frozenAccountsCanBeAsked runs code that no
// other test runs without checking anything.
package example.bank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AccountTest {

    private Account account;

    @BeforeEach
    void open() {
        account = new Account("Ada", 5_000);
    }

    @Test
    void depositRaisesTheBalance() {
        account.deposit(2_500, "gift");
        assertEquals(2_500, account.balance());
        assertEquals(1, account.history().size());
    }

    @Test
    void balanceAfterADeposit() {
        account.deposit(2_500, "gift");
        assertEquals(2_500, account.balance());
    }

    @Test
    void withdrawalsEndAtTheOverdraftLimit() {
        account.withdraw(5_000, "rent");
        assertEquals(-5_000, account.balance());
        var error = assertThrows(Account.OverdrawnException.class, () -> account.withdraw(1, "more"));
        assertEquals("Ada lacks 1 cents", error.getMessage());
    }

    @Test
    void anOwnerIsNeeded() {
        assertThrows(IllegalArgumentException.class, () -> new Account("  "));
        assertEquals("Bob", new Account(" Bob ").owner());
    }

    @Test
    void transfersAreBookedOnBothSides() {
        Account other = new Account("Bob");
        account.transfer(other, 1_200);
        assertEquals(-1_200, account.balance());
        assertEquals(new Account.Booking("from Ada", 1_200), other.history().get(0));
    }

    @Test
    void frozenAccountsCanBeAsked() {
        account.freeze();
        try {
            account.withdraw(100, "cash");
        } catch (IllegalStateException expected) {
            account.balance();
        }
    }

    @Nested
    class Interest {

        @Test
        void interestOfDebtIsNegative() {
            account.withdraw(1_000, "rent");
            assertEquals(-120, account.interest());
        }

        @Test
        void interestOfTheMiddleTier() {
            account.deposit(200_000, "salary");
            assertEquals(2_000, account.interest());
        }

        @Test
        void interestOfTheTopTier() {
            account.deposit(1_000_000, "lottery");
            assertTrue(account.interest() == 20_000);
        }
    }
}
