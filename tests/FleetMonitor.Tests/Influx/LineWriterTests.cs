using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public class LineWriterTests
{
    private readonly LineWriter _lines = new();

    [Theory]
    [InlineData(3_250_500, 3, "3250.5")]
    [InlineData(3_250_000, 3, "3250")]
    [InlineData(-1, 6, "-0.000001")]
    [InlineData(0, 6, "0")]
    [InlineData(1_000_010, 6, "1.00001")]
    [InlineData(long.MaxValue, 6, "9223372036854.775807")]
    [InlineData(long.MinValue, 6, "-9223372036854.775808")]
    public void Fixed_IsWrittenExactly_WithoutExponentOrTrailingZeros(long value, int decimals, string expected)
    {
        _lines.Begin("m"u8);
        _lines.Fixed("f"u8, value, decimals);
        _lines.End(default);

        Assert.Equal($"m f={expected} 0\n", Text());
    }

    [Fact]
    public void Decimal_KeepsAllItsDigits()
    {
        _lines.Begin("m"u8);
        _lines.Decimal("f"u8, 24_691.357802m);
        _lines.Decimal("g"u8, 0.0000000000000000000000000001m);
        _lines.Decimal("h"u8, 2.500m);
        _lines.End(default);

        Assert.Equal("m f=24691.357802,g=0.0000000000000000000000000001,h=2.5 0\n", Text());
    }

    [Theory]
    [InlineData("rig 1", "rig\\ 1")]
    [InlineData("a,b=c", "a\\,b\\=c")]
    [InlineData("стойка-7", "стойка-7")]
    [InlineData("😀", "😀")]
    [InlineData("back\\", "back/")]
    [InlineData("a\nb m=1", "a_b\\ m\\=1")]
    [InlineData("a\r\u0085\u2028b", "a___b")]
    public void Tag_OfAnyText_IsOneTagOfOnePoint(string value, string expected)
    {
        _lines.Begin("m"u8);
        _lines.Tag("t"u8, value);
        _lines.Integer("n"u8, 1);
        _lines.End(new Instant(1_000));

        Assert.Equal($"m,t={expected} n=1i 1\n", Text());
    }

    [Fact]
    public void Tag_WithoutValue_IsLeftOut()
    {
        _lines.Begin("m"u8);
        _lines.Tag("t"u8, "");
        _lines.Integer("n"u8, 1);
        _lines.End(default);

        Assert.Equal("m n=1i 0\n", Text());
    }

    [Fact]
    public void Text_WithQuotesBackslashesAndLineBreaks_StaysOneField()
    {
        _lines.Begin("m"u8);
        _lines.Text("t"u8, "say \"no\"\\\r\nm t=1");
        _lines.End(default);

        Assert.Equal("m t=\"say \\\"no\\\"\\\\ m t=1\" 0\n", Text());
    }

    [Fact]
    public void Line_WithoutField_LeavesNothing()
    {
        _lines.Begin("m"u8);
        _lines.Tag("t"u8, "x");
        _lines.End(default);

        Assert.Equal("", Text());
        Assert.Equal(0, _lines.Lines);
    }

    [Theory]
    [InlineData(1_999, "1")]
    [InlineData(-1, "-1")]
    public void Time_IsFlooredToSeconds(long milliseconds, string expected)
    {
        _lines.Begin("m"u8);
        _lines.Integer("n"u8, 1);
        _lines.End(new Instant(milliseconds));

        Assert.Equal($"m n=1i {expected}\n", Text());
    }

    private string Text() => Encoding.UTF8.GetString(_lines.Written);
}
