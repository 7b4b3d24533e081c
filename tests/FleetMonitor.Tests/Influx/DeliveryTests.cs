using System.Text;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public class DeliveryTests
{
    private readonly List<string> _store = [];
    private int _requests;

    [Fact]
    public async Task BadLines_ThatTheStoreOnlyCounts_AreFoundAndKept_AndTheRestArrivesInOrder()
    {
        string[] lines = [.. Enumerable.Range(0, 1_000).Select(i => i is 0 or 500 or 999 ? $"bad {i}" : $"good {i}")];
        DeliveryResult result = await DeliverAsync(lines, sent => new PointAnswer(PointVerdict.Refused, "partial write") { Dropped = Bad(sent) });

        Assert.Null(result.Stopped);
        Assert.Equal(["bad 0", "bad 500", "bad 999"], Refused(result, "partial write"));
        Assert.Equal(lines.Where(line => line.StartsWith("good", StringComparison.Ordinal)), _store);
        Assert.InRange(_requests, 4, 3 * 2 * 11);
    }

    [Fact]
    public async Task BadLines_ThatTheStoreQuotes_CostOneMoreRequest()
    {
        DeliveryResult result = await DeliverAsync(["a", "bad 1", "b", "bad 2"], sent => new PointAnswer(PointVerdict.Refused, "unable to parse")
        {
            QuotedLines = sent.Where(line => line.StartsWith("bad", StringComparison.Ordinal)).ToHashSet(),
        });

        Assert.Equal(["bad 1", "bad 2"], Refused(result, "unable to parse"));
        Assert.Equal(["a", "b"], _store);
        Assert.Equal(2, _requests);
    }

    [Fact]
    public async Task BadLines_ThatTheStoreNumbers_CostOneMoreRequest()
    {
        DeliveryResult result = await DeliverAsync(["a", "bad 1", "b"], _ => new PointAnswer(PointVerdict.Refused, "numbered")
        {
            NumberedLines = new HashSet<int> { 1 },
        });

        Assert.Equal(["bad 1"], Refused(result, "numbered"));
        Assert.Equal(["a", "b"], _store);
        Assert.Equal(2, _requests);
    }

    [Fact]
    public async Task Batch_OfWhichAllPointsWereDropped_IsRefusedAtOnce()
    {
        DeliveryResult result = await DeliverAsync(["bad 1", "bad 2"], _ => new PointAnswer(PointVerdict.Refused, "beyond retention") { Dropped = 2 });

        Assert.Equal(["bad 1", "bad 2"], Refused(result, "beyond retention"));
        Assert.Equal(1, _requests);
    }

    [Fact]
    public async Task Batch_ThatIsTooLarge_GoesInParts()
    {
        string[] lines = [.. Enumerable.Range(0, 10).Select(i => $"good {i}")];
        DeliveryResult result = await DeliverAsync(lines, _ => new PointAnswer(PointVerdict.TooLarge), sent => sent.Length > 3);

        Assert.Null(result.Stopped);
        Assert.Equal(lines, _store);
    }

    [Theory]
    [InlineData(PointVerdict.Denied)]
    [InlineData(PointVerdict.Unavailable)]
    public async Task Store_ThatTakesNothingNow_StopsTheDelivery_AndNothingIsRefused(PointVerdict verdict)
    {
        DeliveryResult result = await DeliverAsync(["a", "b"], _ => new PointAnswer(verdict, "no"), _ => true);

        Assert.Equal(verdict, result.Stopped!.Verdict);
        Assert.Empty(result.Refused);
        Assert.Equal(1, _requests);
    }

    private Task<DeliveryResult> DeliverAsync(string[] lines, Func<string[], PointAnswer> refusal, Func<string[], bool>? refuses = null)
    {
        var delivery = new Delivery((bytes, _) =>
        {
            _requests++;
            string[] sent = Encoding.UTF8.GetString(bytes.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (refuses?.Invoke(sent) ?? Bad(sent) > 0)
            {
                return Task.FromResult(refusal(sent));
            }

            _store.AddRange(sent);
            return Task.FromResult(new PointAnswer(PointVerdict.Taken));
        });
        return delivery.RunAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), CancellationToken.None);
    }

    private static int Bad(string[] lines) => lines.Count(line => line.StartsWith("bad", StringComparison.Ordinal));

    private static string[] Refused(DeliveryResult result, string reason) =>
        [.. result.Refused[reason].Select(line => Encoding.UTF8.GetString(line.Span).TrimEnd('\n'))];
}
