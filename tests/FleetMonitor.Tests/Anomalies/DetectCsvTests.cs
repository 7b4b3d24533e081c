using FleetMonitor.Anomalies.Series;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class DetectCsvTests
{
    [Fact]
    public void Rows_WithHeader_AreEchoedWithScoreAndFlag() =>
        Assert.Equal(
            "timestamp,value,score,flag\n2014-04-01 00:00:00,20.0,0,0\n2014-04-01 00:05:00,20.50,0,0\n",
            Run("timestamp,value\n2014-04-01 00:00:00,20.0\n2014-04-01 00:05:00,20.50\n"));

    [Theory]
    [InlineData("2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01T05:00:00.250+05:00")]
    [InlineData("2026-01-01 00:00:00")]
    [InlineData("1767225600")]
    [InlineData("1767225600000")]
    [InlineData("1767225600.5")]
    public void Row_AnyTimestamp_IsEchoedAsGivenWithoutHeader(string timestamp) =>
        Assert.Equal($"timestamp,value,score,flag\n{timestamp},1e3,0,0\n", Run($"{timestamp},1e3"));

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("null")]
    public void Row_MissingValue_ScoresZero(string value) =>
        Assert.Equal($"timestamp,value,score,flag\n1767225600,{value},0,0\n", Run($"1767225600,{value}\n"));

    [Fact]
    public void Rows_Bad_AreReportedWithTheirLineAndLeftOut()
    {
        List<BadRow> bad = [];
        StringWriter output = new();
        DetectSummary summary = DetectCsv.Run(
            new StringReader("timestamp,value\n1767225600,1\nyesterday,2\n1767225602,two\n1767225603\n1767225604,3\n"), output, bad.Add);
        Assert.Equal([3L, 4L, 5L], bad.Select(row => row.Line));
        Assert.Contains("yesterday", bad[0].Problem, StringComparison.Ordinal);
        Assert.Contains("'two' is not a number", bad[1].Problem, StringComparison.Ordinal);
        Assert.Equal(new DetectSummary(2, 3, 0), summary);
        Assert.Equal("timestamp,value,score,flag\n1767225600,1,0,0\n1767225604,3,0,0\n", output.ToString());
    }

    [Fact]
    public void Output_UpToARow_DependsOnlyOnTheRowsUpToIt()
    {
        Random random = new(1);
        string[] rows = [.. Enumerable.Range(0, 800).Select(i => $"{i * 60},{100 + (random.Next(1000) / 100.0)}")];
        string all = Run(string.Join('\n', rows));
        Assert.StartsWith(Run(string.Join('\n', rows[..500])), all, StringComparison.Ordinal);
    }

    private static string Run(string input)
    {
        StringWriter output = new();
        DetectCsv.Run(new StringReader(input), output);
        return output.ToString();
    }
}
