using FleetMonitor.Service.Http;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class MetricsWriterTests
{
    [Fact]
    public void Metric_WithLabels_IsNamedOnceAndEscaped()
    {
        var metrics = new MetricsWriter();

        metrics.Counter("a_total", "Counts\nthings.").Value(1, ("what", "a \"b\" \\ c\nd"), ("why", "e")).Value(2.5);

        Assert.Equal(
            "# HELP a_total Counts\\nthings.\n# TYPE a_total counter\na_total{what=\"a \\\"b\\\" \\\\ c\\nd\",why=\"e\"} 1\na_total 2.5\n",
            metrics.ToString());
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e21, "1E+21")]
    public void Value_OfAnySize_IsANumberThatPrometheusReads(double value, string text)
    {
        Assert.EndsWith($"\na {text}\n", new MetricsWriter().Gauge("a", "A.").Value(value).ToString(), StringComparison.Ordinal);
    }
}
