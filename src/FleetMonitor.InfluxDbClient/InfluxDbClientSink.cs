using System.Globalization;
using System.Text;
using FleetMonitor.Ledger;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Core.Exceptions;

namespace FleetMonitor.InfluxDbClient;

/// <summary>
/// InfluxDB.Client behind the port of a point sink. Of its two ways to write this is the one that sends what it is given once and says how
/// that went: the other one batches in memory, tries again by itself and drops what it could not send, which is the outbox's to decide.
/// </summary>
public sealed class InfluxDbClientSink : IPointSink, IDisposable
{
    private readonly InfluxDbClientOptions _options;
    private readonly Func<int, string, TimeSpan?, PointAnswer> _meaning;
    private readonly InfluxDBClient _client;
    private readonly WriteApiAsync _writer;

    /// <param name="meaning">What a store's refusal means: its status, its body, and when it asked to be tried again.</param>
    public InfluxDbClientSink(InfluxDbClientOptions options, Func<int, string, TimeSpan?, PointAnswer> meaning)
    {
        (_options, _meaning) = (options, meaning);
        var builder = InfluxDBClientOptions.Builder.CreateNew().Url(options.Url.AbsoluteUri.TrimEnd('/')).TimeOut(options.Timeout);
        _client = new InfluxDBClient((options.Token is { } token ? builder.AuthenticateToken(token) : builder).Build());
        _client.EnableGzip();
        _writer = _client.GetWriteApiAsync();
    }

    public async Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        try
        {
            // One record of many lines: it is sent as it is, the last newline too.
            await _writer.WriteRecordAsync(Encoding.UTF8.GetString(lines.Span), WritePrecision.S, _options.Bucket, _options.Org, cancellation);
            return new PointAnswer(PointVerdict.Taken);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (HttpException e) when (e.Status == 0)
        {
            string what = e.InnerException is OperationCanceledException
                ? string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.Timeout.TotalSeconds:0.#} s")
                : e.Message;
            return new PointAnswer(PointVerdict.Unavailable, $"{_options.Url} is out of reach: {what}");
        }
        catch (HttpException e)
        {
            string body = e.ErrorBody is { Count: > 0 } json ? json.ToString() : e.Message;
            return _meaning(e.Status, body, e.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        }
        catch (FormatException)
        {
            // InfluxDB.Client reads Retry-After as seconds, and nothing of an answer where it is a date.
            return new PointAnswer(PointVerdict.Unavailable, $"{_options.Url} asks to be tried again later");
        }
    }

    public void Dispose() => _client.Dispose();
}
