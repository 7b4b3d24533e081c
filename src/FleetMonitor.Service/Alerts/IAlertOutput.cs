using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Service.Alerts;

/// <summary>Somewhere that is told of alerts. What it is told it is told in order, and again where it is not sure to have it.</summary>
internal interface IAlertOutput
{
    /// <summary>Names it in the ledger, in logs and in metrics.</summary>
    string Name { get; }

    /// <summary>How often it wants to hear of what stands; null where each event is enough.</summary>
    TimeSpan? RefreshEvery { get; }

    /// <summary>Passes events on.</summary>
    Task<AlertDelivery> SendAsync(IReadOnlyList<AlertEventRow> events, CancellationToken cancellation);

    /// <summary>Tells of all that stands, where <see cref="RefreshEvery"/> asks for it.</summary>
    /// <returns>What was in the way; null where nothing was.</returns>
    Task<string?> RefreshAsync(CancellationToken cancellation);
}

/// <param name="Done">How many events, from the first, need not be sent again.</param>
/// <param name="Problem">Why not all of them; null where all are done.</param>
internal readonly record struct AlertDelivery(int Done, string? Problem);
