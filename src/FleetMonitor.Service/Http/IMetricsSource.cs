namespace FleetMonitor.Service.Http;

/// <summary>
/// A part of the service that has numbers for <c>/metrics</c>: whatever is registered under this interface is asked, in the order of
/// registration.
/// </summary>
internal interface IMetricsSource
{
    /// <summary>Writes the numbers as they stand. Any thread may call it, and it must neither wait nor throw.</summary>
    void Write(MetricsWriter metrics);
}
