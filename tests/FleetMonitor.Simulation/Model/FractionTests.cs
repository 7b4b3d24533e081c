using Xunit;

namespace FleetMonitor.Simulation.Model;

public class FractionTests
{
    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(3, 2, 2)]
    [InlineData(5, 2, 2)]
    [InlineData(-1, 2, 0)]
    [InlineData(-3, 2, -2)]
    [InlineData(-5, 2, -2)]
    [InlineData(7, 3, 2)]
    [InlineData(8, 3, 3)]
    [InlineData(-7, 3, -2)]
    [InlineData(-8, 3, -3)]
    [InlineData(4, 2, 2)]
    [InlineData(-4, 2, -2)]
    public void HalfEven_OfAFraction_IsTheNearestAndOfTwoTheEven(int numerator, int denominator, int expected) =>
        Assert.Equal(expected, new Fraction(numerator, denominator).HalfEven());
}
