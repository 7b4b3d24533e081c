using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Writes to InfluxDB 1.x, 2.x and 3.x and to what speaks like them, gzip over HTTP.
/// (API: https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostWrite, https://docs.influxdata.com/influxdb/v1/tools/api/#write-http-endpoint)
/// </summary>
internal sealed class InfluxClient : IPointSink, IDisposable
{
    private const int MaxAnswerBytes = 256 * 1024;

    private readonly HttpClient _http;
    private readonly InfluxSettings _settings;
    private readonly TimeProvider _time;
    private readonly Uri _write;

    /// <param name="settings">With an address.</param>
    public InfluxClient(InfluxSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _write = Address(settings, settings.Api == InfluxApi.V1
            ? $"write?db={Uri.EscapeDataString(settings.Bucket)}&precision=s"
            : $"api/v2/write?org={Uri.EscapeDataString(settings.Org)}&bucket={Uri.EscapeDataString(settings.Bucket)}&precision=s");
        _http = CreateHttp(settings);
    }

    public static Uri Address(InfluxSettings settings, string path) => new(new Uri(settings.Url!.AbsoluteUri.TrimEnd('/') + "/"), path);

    public static HttpClient CreateHttp(InfluxSettings settings)
    {
        // One connection at a time is enough, and a fresh one now and then follows a name that moved.
        var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = settings.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
        })
        {
            Timeout = settings.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("FleetMonitor");
        if (settings.Token is { } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", token);
        }
        else if (settings.UserName is { } user)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{settings.Password}")));
        }

        return http;
    }

    public async Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _write) { Content = Pack(lines) };
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return new PointAnswer(PointVerdict.Taken);
            }

            string body = await ReadAsync(response, cancellation);
            return InfluxAnswers.Of((int)response.StatusCode, body, RetryAfter(response), _settings);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            string what = e is OperationCanceledException ? $"no answer within {_settings.Timeout.TotalSeconds:0.#} s" : e.Message;
            return new PointAnswer(PointVerdict.Unavailable, $"{_settings.Url} is out of reach: {what}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static ByteArrayContent Pack(ReadOnlyMemory<byte> lines)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines.Span);
        }

        var content = new ByteArrayContent(packed.GetBuffer(), 0, (int)packed.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[MaxAnswerBytes];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };
}
