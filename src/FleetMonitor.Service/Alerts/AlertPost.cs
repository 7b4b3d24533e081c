using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;

namespace FleetMonitor.Service.Alerts;

internal enum PostVerdict
{
    Taken,

    /// <summary>It will never be taken as it is.</summary>
    Refused,

    /// <summary>Nobody there, or nobody who would take it now: later, perhaps after a person mended something.</summary>
    Unavailable,
}

internal readonly record struct PostAnswer(PostVerdict Verdict, string Reason);

/// <summary>
/// Posts JSON to an address, and tries again a few times soon where nobody is there, with jitter. It gives up within seconds: who waits longer
/// is the caller, who keeps what is to be sent.
/// </summary>
internal sealed class AlertPost(Uri url, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private const int ReasonLength = 300;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout,
    };

    private readonly ResiliencePipeline<PostAnswer> _pipeline = new ResiliencePipelineBuilder<PostAnswer> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<PostAnswer>
        {
            ShouldHandle = new PredicateBuilder<PostAnswer>().HandleResult(answer => answer.Verdict == PostVerdict.Unavailable),
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            UseJitter = true,
        })
        .Build();

    public async Task<PostAnswer> SendAsync(byte[] json, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellation) =>
        await _pipeline.ExecuteAsync(async token => await OnceAsync(json, headers, token), cancellation);

    public void Dispose() => _http.Dispose();

    private async Task<PostAnswer> OnceAsync(byte[] json, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return new PostAnswer(PostVerdict.Taken, string.Empty);
            }

            string body = await response.Content.ReadAsStringAsync(cancellation);
            string reason = $"{url.GetLeftPart(UriPartial.Path)} answers {(int)response.StatusCode}: {body[..Math.Min(body.Length, ReasonLength)]}";
            return new PostAnswer(IsForGood(response.StatusCode) ? PostVerdict.Refused : PostVerdict.Unavailable, reason);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return new PostAnswer(PostVerdict.Unavailable, $"{url.GetLeftPart(UriPartial.Path)} cannot be reached: {e.Message}");
        }
    }

    /// <summary>What says that the content is at fault; a wrong key or address is for a person to mend, and the alerts wait for it.</summary>
    private static bool IsForGood(HttpStatusCode status) => status
        is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType
        or HttpStatusCode.UnprocessableEntity;
}
