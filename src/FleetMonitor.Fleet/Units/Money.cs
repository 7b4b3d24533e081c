using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>
/// An exact amount in one currency. Nothing here rounds by itself: a result that a <see cref="decimal"/> could only hold rounded
/// is an <see cref="OverflowException"/>, and adding two currencies is an <see cref="InvalidOperationException"/>.
/// </summary>
/// <param name="Amount">In whole units of the currency (tenge, not tiyn), with as many decimals as it takes.</param>
/// <param name="Currency">ISO 4217 code, such as <c>KZT</c>.</param>
public readonly record struct Money(decimal Amount, string Currency) : IComparable<Money>
{
    public static Money Zero(string currency) => new(0m, currency);

    /// <summary>Energy times a price per kWh, exactly.</summary>
    public static Money For(Energy energy, decimal perKwh, string currency) =>
        new(ExactProduct(energy.KilowattHours, perKwh), currency);

    /// <summary>A share of an amount, exactly: <c>0.01</c> is one per cent.</summary>
    public Money Times(decimal factor) => new(ExactProduct(Amount, factor), Currency);

    /// <summary>
    /// To whole units, a half going up (towards positive infinity): the one rounding of a statement line. It is called by name
    /// because it loses something; nothing else in the books does.
    /// </summary>
    public Money RoundedHalfUp() => new(decimal.Floor(ExactSum(Amount, 0.5m)), Currency);

    public static Money operator +(Money left, Money right) => new(ExactSum(left.Amount, right.In(left.Currency)), left.Currency);

    public static Money operator -(Money left, Money right) => new(ExactSum(left.Amount, -right.In(left.Currency)), left.Currency);

    public static Money operator -(Money money) => new(-money.Amount, money.Currency);

    public int CompareTo(Money other) => Amount.CompareTo(other.In(Currency));

    public override string ToString() => Text(Amount) + " " + Currency;

    /// <summary>The shortest decimal text: no trailing zeros, a point, no grouping.</summary>
    public static string Text(decimal value) =>
        value == 0m ? "0" : value.ToString("0.############################", CultureInfo.InvariantCulture);

    private decimal In(string currency) => Currency == currency
        ? Amount
        : throw new InvalidOperationException($"{Currency} and {currency} are different money.");

    // A decimal that runs out of its 96 bits drops digits silently, and shows it only by a smaller scale than the exact result has.
    private static decimal ExactProduct(decimal left, decimal right)
    {
        if (left == 0m || right == 0m)
        {
            return 0m;
        }

        decimal product = left * right;
        if (product.Scale == left.Scale + right.Scale)
        {
            return product;
        }

        decimal shortLeft = Shortest(left);
        decimal shortRight = Shortest(right);
        product = shortLeft * shortRight;
        return product.Scale == shortLeft.Scale + shortRight.Scale ? product : throw Inexact(left, right);
    }

    private static decimal ExactSum(decimal left, decimal right)
    {
        decimal sum = left + right;
        if (sum.Scale == Math.Max(left.Scale, right.Scale))
        {
            return sum;
        }

        decimal shortLeft = Shortest(left);
        decimal shortRight = Shortest(right);
        sum = shortLeft + shortRight;
        return sum.Scale == Math.Max(shortLeft.Scale, shortRight.Scale) ? sum : throw Inexact(left, right);
    }

    // Dividing by one with this many zeros is the framework's own way of trimming trailing zeros.
    private static decimal Shortest(decimal value) => value / 1.0000000000000000000000000000m;

    private static OverflowException Inexact(decimal left, decimal right) =>
        new($"{Text(left)} and {Text(right)} have no exact result in 28 digits.");
}
