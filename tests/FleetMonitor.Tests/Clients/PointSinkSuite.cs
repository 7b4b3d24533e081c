using System.Diagnostics;
using System.Globalization;
using System.Text;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>What every client of a time-series store keeps to: the points as they are, each asked once, and what became of them.</summary>
/// <param name="client">As in <c>Influx:Client</c>.</param>
public abstract class PointSinkSuite(string client) : IAsyncLifetime
{
    /// <summary>Everything that line protocol escapes, and more than ASCII.</summary>
    private const string Lines = "device,device=rig\\,\\ 2\\=b,site=стойка\\ 3 power_mean_w=3250.5,readings=3i 1795255200\nanomaly,kind=stale text=\"a \\\"b\\\" \\\\ c\" 1795255260\n";

    private ScriptedStore? _store;
    private IPointSink? _sink;

    public async Task InitializeAsync()
    {
        _store = await ScriptedStore.StartAsync();
        _sink = Sink(_store.Url);
    }

    public async Task DisposeAsync()
    {
        (_sink as IDisposable)?.Dispose();
        await _store!.DisposeAsync();
    }

    [Fact]
    public async Task Lines_ArriveAsTheyAre_InOneRequest()
    {
        PointAnswer answer = await WriteAsync(Lines);

        Assert.Equal(PointVerdict.Taken, answer.Verdict);
        Written written = Assert.Single(_store!.Requests);
        Assert.Equal(Lines, written.Text);
        Assert.Equal(("/api/v2/write", "gzip", "Token secret"), (written.Path, written.Encoding, written.Authorization));
        Assert.Equal(["bucket=fleet%20data", "org=mine", "precision=s"], written.Query[1..].Replace("+", "%20", StringComparison.Ordinal).Split('&').Order());
    }

    [Fact]
    public async Task Store_BehindAPath_IsReachedThere()
    {
        IPointSink sink = Sink(new Uri(_store!.Url, "influx/"));
        using IDisposable? connections = sink as IDisposable;

        await sink.WriteAsync(Encoding.UTF8.GetBytes(Lines), CancellationToken.None);
        Assert.Equal("/influx/api/v2/write", Assert.Single(_store.Requests).Path);
    }

    [Fact]
    public async Task ManyLines_ArriveInOrder()
    {
        string lines = string.Concat(Enumerable.Range(0, 10_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"site,site=s readings={i}i 1795255200\n")));
        await WriteAsync(lines);

        Assert.Equal(lines, Assert.Single(_store!.Requests).Text);
    }

    [Theory]
    [InlineData(400, """{"code":"invalid","message":"partial write: field type conflict dropped=2"}""", PointVerdict.Refused)]
    [InlineData(422, """{"code":"unprocessable entity","message":"beyond retention"}""", PointVerdict.Refused)]
    [InlineData(400, "<html>Bad Request</html>", PointVerdict.Denied)]
    [InlineData(401, """{"code":"unauthorized","message":"unauthorized access"}""", PointVerdict.Denied)]
    [InlineData(404, """{"code":"not found","message":"bucket not found"}""", PointVerdict.Denied)]
    [InlineData(413, """{"code":"request too large","message":"too large"}""", PointVerdict.TooLarge)]
    [InlineData(429, """{"code":"too many requests","message":"slow down"}""", PointVerdict.Unavailable)]
    [InlineData(500, """{"code":"internal error","message":"oops"}""", PointVerdict.Unavailable)]
    [InlineData(503, "", PointVerdict.Unavailable)]
    public async Task Refusal_IsPassedOn_AndNotTriedAgain(int status, string body, PointVerdict verdict)
    {
        Answer(new StoreAnswer(status, body));
        PointAnswer answer = await WriteAsync(Lines);

        Assert.Equal(verdict, answer.Verdict);
        Assert.NotEmpty(answer.Reason);
        Assert.Single(_store!.Requests);
    }

    [Fact]
    public async Task Refusal_KeepsWhatTheStoreSaidOfTheLines()
    {
        Answer(new StoreAnswer(400, """{"code":"invalid","message":"partial write: unable to parse 'm n 2': missing fields dropped=1"}"""));
        PointAnswer answer = await WriteAsync("m n 2\n" + Lines);

        Assert.Equal(["m n 2"], answer.QuotedLines);
        Assert.Equal(1, answer.Dropped);
        Assert.Contains("missing fields", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryAfter_IsPassedOn()
    {
        Answer(new StoreAnswer(503, RetryAfter: "17"));

        Assert.Equal(TimeSpan.FromSeconds(17), (await WriteAsync(Lines)).RetryAfter);
    }

    [Fact]
    public async Task RetryAfter_AsADate_IsLaterToo()
    {
        Answer(new StoreAnswer(503, RetryAfter: "Wed, 21 Oct 2037 07:28:00 GMT"));

        Assert.Equal(PointVerdict.Unavailable, (await WriteAsync(Lines)).Verdict);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed_SoThatTheTokenStaysHere()
    {
        Answer(new StoreAnswer(307, Location: "/elsewhere"));

        Assert.Equal(PointVerdict.Denied, (await WriteAsync(Lines)).Verdict);
        Assert.Single(_store!.Requests);
    }

    [Fact]
    public async Task Store_ThatIsAway_IsUnavailable()
    {
        await _store!.DisposeAsync();
        PointAnswer answer = await WriteAsync(Lines);

        Assert.Equal(PointVerdict.Unavailable, answer.Verdict);
        Assert.Contains("out of reach", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_ThatDoesNotAnswer_IsGivenUpInTime()
    {
        var never = new TaskCompletionSource<StoreAnswer>();
        _store!.Answer = _ => never.Task;
        var watch = Stopwatch.StartNew();
        PointAnswer answer = await WriteAsync(Lines);
        never.SetResult(new StoreAnswer(204));

        Assert.Equal(PointVerdict.Unavailable, answer.Verdict);
        Assert.Contains("no answer within 1 s", answer.Reason, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Write_ThatIsCancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var never = new TaskCompletionSource<StoreAnswer>();
        _store!.Answer = async _ =>
        {
            await cancel.CancelAsync();
            return await never.Task;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _sink!.WriteAsync(Encoding.UTF8.GetBytes(Lines), cancel.Token));
        never.SetResult(new StoreAnswer(204));
    }

    [Fact]
    public async Task Outage_LongerThanAllRetries_DropsNoPoint()
    {
        // Down for a delivery's four attempts, twice over; then the store takes them, the same bytes, once.
        int attempts = 0;
        _store!.Answer = _ => Task.FromResult(new StoreAnswer(++attempts <= 8 ? 503 : 204));
        DeliveryResult result;
        int deliveries = 0;
        do
        {
            var retries = Retries.Create(TimeProvider.System);
            var delivery = new Delivery(async (lines, token) => await retries.ExecuteAsync(async inner => await _sink!.WriteAsync(lines, inner), token));
            result = await delivery.RunAsync(Encoding.UTF8.GetBytes(Lines), CancellationToken.None);
            deliveries++;
        }
        while (result.Stopped is not null && deliveries < 3);

        Assert.Null(result.Stopped);
        Assert.Empty(result.Refused);
        Assert.Equal((3, 9), (deliveries, attempts));
        Assert.All(_store.Requests, request => Assert.Equal(Lines, request.Text));
    }

    [Fact]
    public async Task BadLine_IsKeptWithItsReason_AndTheOthersArrive()
    {
        _store!.Answer = written => Task.FromResult(written.Text.Contains("bad", StringComparison.Ordinal)
            ? new StoreAnswer(400, """{"code":"invalid","message":"unable to parse 'bad n 2': missing fields"}""")
            : new StoreAnswer(204));
        var delivery = new Delivery(_sink!.WriteAsync);
        DeliveryResult result = await delivery.RunAsync(Encoding.UTF8.GetBytes("good n=1i 1\nbad n 2\ngood n=3i 3\n"), CancellationToken.None);

        Assert.Null(result.Stopped);
        Assert.Equal("bad n 2\n", Encoding.UTF8.GetString(Assert.Single(Assert.Single(result.Refused).Value).Span));
        Assert.Equal("good n=1i 1\ngood n=3i 3\n", _store.Requests.Last().Text);
    }

    private void Answer(StoreAnswer answer) => _store!.Answer = _ => Task.FromResult(answer);

    private Task<PointAnswer> WriteAsync(string lines) => _sink!.WriteAsync(Encoding.UTF8.GetBytes(lines), CancellationToken.None);

    private IPointSink Sink(Uri url)
    {
        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Influx:Client"] = client,
            ["Influx:Url"] = url.ToString(),
            ["Influx:Org"] = "mine",
            ["Influx:Bucket"] = "fleet data",
            ["Influx:Token"] = "secret",
            ["Influx:Timeout"] = "00:00:01",
        }).Build());
        Assert.Empty(read.Problems);
        return Service.Hosting.Clients.Sink(read.Settings.Influx, TimeProvider.System);
    }
}

public sealed class BuiltInPointSinkTests() : PointSinkSuite("builtin");
