using System.Globalization;
using System.Text;
using FleetMonitor.Ledger;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using RestSharp;

namespace FleetMonitor.InfluxDbClient;

/// <summary>
/// InfluxDB.Client behind the port of a point sink. Of its two ways to write this is the one that sends what it is given once and says how
/// that went: the other one batches in memory, tries again by itself and drops what it could not send, which is the outbox's to decide.
/// </summary>
public sealed class InfluxDbClientSink : IPointSink, IDisposable
{
    private readonly InfluxDbClientOptions _options;
    private readonly Func<int, string, TimeSpan?, PointAnswer> _meaning;
    private readonly TimeProvider _time;
    private readonly InfluxDBClient _client;
    private readonly WriteApiAsync _writer;

    /// <param name="meaning">What a store's refusal means: its status, its body, and when it asked to be tried again.</param>
    public InfluxDbClientSink(InfluxDbClientOptions options, Func<int, string, TimeSpan?, PointAnswer> meaning, TimeProvider time)
    {
        (_options, _meaning, _time) = (options, meaning, time);
        var builder = InfluxDBClientOptions.Builder.CreateNew().Url(options.Url.AbsoluteUri.TrimEnd('/')).TimeOut(options.Timeout);
        _client = new InfluxDBClient((options.Token is { } token ? builder.AuthenticateToken(token) : builder).Build());
        _client.EnableGzip();
        _writer = _client.GetWriteApiAsync();
    }

    public async Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        // One record of many lines: it is sent as it is, the last newline too.
        RestResponse response = await _writer.WriteRecordsAsyncWithIRestResponse(
            [Encoding.UTF8.GetString(lines.Span)], WritePrecision.S, _options.Bucket, _options.Org, cancellation);
        cancellation.ThrowIfCancellationRequested();
        int status = (int)response.StatusCode;
        return status switch
        {
            0 => new PointAnswer(PointVerdict.Unavailable, $"{_options.Url} is out of reach: {Failure(response)}"),
            >= 200 and < 300 => new PointAnswer(PointVerdict.Taken),
            _ => _meaning(status, response.Content ?? "", RetryAfter(response)),
        };
    }

    public void Dispose() => _client.Dispose();

    private string Failure(RestResponse response) => response.ResponseStatus == ResponseStatus.TimedOut
        ? string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.Timeout.TotalSeconds:0.#} s")
        : response.ErrorException?.GetBaseException().Message ?? response.ResponseStatus.ToString();

    private TimeSpan? RetryAfter(RestResponse response)
    {
        string? text = response.Headers?.FirstOrDefault(header => string.Equals(header.Name, "Retry-After", StringComparison.OrdinalIgnoreCase))?.Value?.ToString();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset at) ? at - _time.GetUtcNow()
            : null;
    }
}
