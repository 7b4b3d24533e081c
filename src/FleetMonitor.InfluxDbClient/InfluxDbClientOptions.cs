namespace FleetMonitor.InfluxDbClient;

/// <summary>Where points go.</summary>
/// <param name="Token">Null sends none. For InfluxDB 1.8, <c>user:password</c>.</param>
/// <param name="Bucket">For InfluxDB 1.8, <c>database/retention-policy</c>.</param>
/// <param name="Timeout">How long the store may take to answer.</param>
public sealed record InfluxDbClientOptions(Uri Url, string Org, string Bucket, string? Token, TimeSpan Timeout);
