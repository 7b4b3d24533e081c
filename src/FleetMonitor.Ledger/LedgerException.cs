namespace FleetMonitor.Ledger;

/// <summary>The ledger cannot be used, and an operator has to act: the message says what is wrong and what to do.</summary>
public class LedgerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What stands in the ledger is not what was written there.</summary>
public sealed class LedgerCorruptException(string what, Exception? inner = null)
    : LedgerException($"The ledger is damaged: {what}. Nothing was changed. Restore a backup with 'fleetmonitor ledger restore'.", inner);

/// <summary>There is no room to write. What is there is kept; writing goes on once there is room.</summary>
public sealed class LedgerFullException(string message, Exception inner) : LedgerException(message, inner);

/// <summary>Another process writes the ledger.</summary>
public sealed class LedgerInUseException(string message, Exception inner) : LedgerException(message, inner);
