using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public class InfluxAnswersTests
{
    [Fact]
    public void FieldTypeConflict_Of1x_CountsWhatWasDropped()
    {
        PointAnswer answer = Answer(400, """
            {"error":"partial write: field type conflict: input field \"readings\" on measurement \"device\" is type integer, already exists as type float dropped=3"}
            """);

        Assert.Equal(PointVerdict.Refused, answer.Verdict);
        Assert.Equal(3, answer.Dropped);
        Assert.Empty(answer.QuotedLines);
    }

    [Fact]
    public void ParseError_QuotesTheLines()
    {
        PointAnswer answer = Answer(400, """
            {"error":"partial write: unable to parse 'm,t=a n=x 1': invalid number\nunable to parse 'm n 2': missing fields dropped=0"}
            """);

        Assert.Equal(["m n 2", "m,t=a n=x 1"], answer.QuotedLines.Order());
    }

    [Fact]
    public void PartialWrite_Of3x_NumbersTheLines()
    {
        PointAnswer answer = Answer(400, """
            {"error":"partial write of line protocol occurred","data":[{"original_line":"m n=","line_number":2,"error_message":"no value"}]}
            """);

        Assert.Equal(PointVerdict.Refused, answer.Verdict);
        Assert.Equal([1], answer.NumberedLines);
        Assert.Contains("no value", answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, PointVerdict.Denied)]
    [InlineData(403, PointVerdict.Denied)]
    [InlineData(404, PointVerdict.Denied)]
    [InlineData(413, PointVerdict.TooLarge)]
    [InlineData(422, PointVerdict.Refused)]
    [InlineData(429, PointVerdict.Unavailable)]
    [InlineData(500, PointVerdict.Unavailable)]
    [InlineData(503, PointVerdict.Unavailable)]
    public void Status_HasItsVerdict(int status, PointVerdict verdict) =>
        Assert.Equal(verdict, Answer(status, """{"code":"x","message":"why"}""").Verdict);

    [Fact]
    public void BadRequest_ThatNoStoreWrote_RefusesNoPoints()
    {
        // A proxy that answers for everything must not turn good points into refused ones.
        Assert.Equal(PointVerdict.Denied, Answer(400, "<html>Bad Request</html>").Verdict);
    }

    [Fact]
    public void MissingDatabase_PointsToSetup()
    {
        PointAnswer answer = Answer(404, """{"error":"database not found: \"fleetmonitor\""}""", InfluxApi.V1);

        Assert.Contains("database not found", answer.Reason, StringComparison.Ordinal);
        Assert.Contains("fleetmonitor influx setup", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void RetryAfter_IsPassedOn() =>
        Assert.Equal(TimeSpan.FromSeconds(7), InfluxAnswers.Of(503, "", TimeSpan.FromSeconds(7), Settings(InfluxApi.V2)).RetryAfter);

    private static PointAnswer Answer(int status, string body, InfluxApi api = InfluxApi.V2) => InfluxAnswers.Of(status, body, null, Settings(api));

    private static InfluxSettings Settings(InfluxApi api) =>
        new(new Uri("http://127.0.0.1:8086"), "builtin", api, "org", "fleetmonitor", null, null, null, 1, TimeSpan.FromSeconds(1));
}
