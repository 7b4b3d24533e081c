using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Makes in a store what points and panels need: the bucket, how long it keeps, and under which name InfluxQL finds it. What is there is left
/// alone, so that running it twice is safe.
/// (API: https://docs.influxdata.com/influxdb/v2/api/v2/, https://docs.influxdata.com/influxdb/v1/query_language/manage-database/)
/// </summary>
internal sealed class StoreSetup(InfluxSettings settings, HttpClient http)
{
    /// <param name="retention">Null leaves it as it is, forever where the bucket is new.</param>
    /// <returns>What was done, a line each.</returns>
    /// <exception cref="StoreSetupException">The store refused, and says why.</exception>
    /// <exception cref="HttpRequestException">It is out of reach.</exception>
    public Task<IReadOnlyList<string>> RunAsync(TimeSpan? retention, CancellationToken cancellation) =>
        settings.Api == InfluxApi.V1 ? SetUpV1Async(retention, cancellation) : SetUpV2Async(retention, cancellation);

    private async Task<IReadOnlyList<string>> SetUpV1Async(TimeSpan? retention, CancellationToken cancellation)
    {
        string database = "\"" + settings.Bucket.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        using JsonDocument shown = await QueryV1Async("SHOW DATABASES", cancellation);
        bool exists = shown.RootElement.GetRawText().Contains($"[{JsonSerializer.Serialize(settings.Bucket)}]", StringComparison.Ordinal);
        var done = new List<string>();
        if (!exists)
        {
            (await QueryV1Async($"CREATE DATABASE {database}", cancellation)).Dispose();
        }

        done.Add($"database {settings.Bucket}: {(exists ? "is there" : "made")}");
        if (retention is { } keep)
        {
            string duration = string.Create(CultureInfo.InvariantCulture, $"{(long)keep.TotalSeconds}s");
            (await QueryV1Async($"ALTER RETENTION POLICY \"autogen\" ON {database} DURATION {duration} DEFAULT", cancellation)).Dispose();
            done.Add(Kept(keep));
        }

        return done;
    }

    private static string Kept(TimeSpan retention) => string.Create(CultureInfo.InvariantCulture, $"points are kept for {retention.TotalDays:0} days");

    private async Task<JsonDocument> QueryV1Async(string query, CancellationToken cancellation)
    {
        using var content = new FormUrlEncodedContent([new KeyValuePair<string, string>("q", query)]);
        JsonDocument answer = await SendAsync(HttpMethod.Post, "query", content, cancellation);
        string? error = answer.RootElement.TryGetProperty("results", out JsonElement results) && results.GetArrayLength() > 0
            && results[0].TryGetProperty("error", out JsonElement text) ? text.GetString() : null;
        if (error is not null)
        {
            answer.Dispose();
            throw new StoreSetupException($"{query}: {error}");
        }

        return answer;
    }

    private async Task<IReadOnlyList<string>> SetUpV2Async(TimeSpan? retention, CancellationToken cancellation)
    {
        var done = new List<string>();
        string organisation = await IdAsync($"api/v2/orgs?org={Uri.EscapeDataString(settings.Org)}", "orgs", _ => true, cancellation)
            ?? throw new StoreSetupException($"There is no organisation {settings.Org}: make it in the store, or set Influx:Org.");
        object[] rules = retention is { } keep ? [new { type = "expire", everySeconds = (long)keep.TotalSeconds }] : [];

        string? bucket = await IdAsync(
            $"api/v2/buckets?orgID={organisation}&name={Uri.EscapeDataString(settings.Bucket)}", "buckets", _ => true, cancellation);
        done.Add($"bucket {settings.Bucket}: {(bucket is null ? "made" : "is there")}");
        if (bucket is null)
        {
            using JsonDocument made = await SendJsonAsync(
                HttpMethod.Post, "api/v2/buckets", new { orgID = organisation, name = settings.Bucket, retentionRules = rules }, cancellation);
            bucket = made.RootElement.GetProperty("id").GetString()!;
        }
        else if (rules.Length > 0)
        {
            (await SendJsonAsync(HttpMethod.Patch, $"api/v2/buckets/{bucket}", new { retentionRules = rules }, cancellation)).Dispose();
        }

        if (retention is { } span)
        {
            done.Add(Kept(span));
        }

        // InfluxQL speaks of databases: the mapping lets it find the bucket by its own name.
        bool mapped = await IdAsync(
            $"api/v2/dbrps?orgID={organisation}&db={Uri.EscapeDataString(settings.Bucket)}",
            "content",
            mapping => !(mapping.TryGetProperty("virtual", out JsonElement isVirtual) && isVirtual.ValueKind == JsonValueKind.True),
            cancellation) is not null;
        if (!mapped)
        {
            (await SendJsonAsync(
                HttpMethod.Post,
                "api/v2/dbrps",
                new { orgID = organisation, bucketID = bucket, database = settings.Bucket, retention_policy = "autogen", @default = true },
                cancellation)).Dispose();
        }

        done.Add($"mapping for InfluxQL: {(mapped ? "is there" : "made")}");
        return done;
    }

    /// <summary>The id of the first of a list; null where it is empty, or the store says that there is none.</summary>
    private async Task<string?> IdAsync(string path, string list, Func<JsonElement, bool> which, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await http.GetAsync(InfluxClient.Address(settings, path), cancellation);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }

        using JsonDocument json = await ReadAsync(response, cancellation);
        return json.RootElement.TryGetProperty(list, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(which).Select(item => item.GetProperty("id").GetString()).FirstOrDefault()
            : null;
    }

    private async Task<JsonDocument> SendJsonAsync<T>(HttpMethod method, string path, T body, CancellationToken cancellation)
    {
        using JsonContent content = JsonContent.Create(body);
        return await SendAsync(method, path, content, cancellation);
    }

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, HttpContent content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, InfluxClient.Address(settings, path)) { Content = content };
        using HttpResponseMessage response = await http.SendAsync(request, cancellation);
        return await ReadAsync(response, cancellation);
    }

    private async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string body = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new StoreSetupException(InfluxAnswers.Of((int)response.StatusCode, body, null, settings).Reason);
        }

        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            throw new StoreSetupException($"{settings.Url} does not answer as a store does. Is Influx:Url its address?");
        }
    }
}

/// <summary>A store refused to be set up; the message says why and what to do.</summary>
internal sealed class StoreSetupException(string message) : Exception(message);
