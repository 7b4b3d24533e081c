using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Levy;

public class MoneyTests
{
    [Fact]
    public void Amount_OfEnergyAndRate_KeepsEveryDigit()
    {
        var energy = new Energy(12_345_678_901_234);

        Assert.Equal("24691.357802468 KZT", Money.For(energy, 2m, "KZT").ToString());
        Assert.Equal("203703.701870361 KZT", Money.For(energy, 16.5m, "KZT").ToString());
    }

    [Theory]
    [InlineData("0.5", "1")]
    [InlineData("0.4999999999", "0")]
    [InlineData("2.5", "3")]
    [InlineData("-0.5", "0")]
    [InlineData("-0.500000001", "-1")]
    [InlineData("-2.5", "-2")]
    public void Rounding_ByName_TakesAHalfUp(string exact, string rounded) =>
        Assert.Equal(decimal.Parse(rounded), new Money(decimal.Parse(exact), "KZT").RoundedHalfUp().Amount);

    [Fact]
    public void Product_ThatNeedsMoreDigitsThanADecimalHolds_IsAnErrorAndNotARounding()
    {
        var money = new Money(1.000000000000000001m, "KZT");

        Assert.Throws<OverflowException>(() => money.Times(1.00000000000000001m));
    }

    [Fact]
    public void Sum_ThatNeedsMoreDigitsThanADecimalHolds_IsAnErrorAndNotARounding()
    {
        var large = new Money(1_000_000_000_000_000_000_000m, "KZT");
        var small = new Money(0.000000001m, "KZT");

        Assert.Throws<OverflowException>(() => large + small);
    }

    [Fact]
    public void Factors_WithTrailingZeros_AreNoReasonToFail()
    {
        var money = new Money(2.00000000000000000000m, "KZT");

        Assert.Equal(new Money(3m, "KZT"), money.Times(1.50000000000000000000m));
    }

    [Fact]
    public void Currencies_ThatDiffer_DoNotAdd() =>
        Assert.Throws<InvalidOperationException>(() => new Money(1m, "KZT") + new Money(1m, "KGS"));

    [Theory]
    [InlineData("2.500", "2.5")]
    [InlineData("-0.0", "0")]
    [InlineData("100", "100")]
    [InlineData("0.000000001", "0.000000001")]
    public void Text_OfADecimal_IsTheShortest(string value, string text) =>
        Assert.Equal(text, Money.Text(decimal.Parse(value)));
}
