namespace FleetMonitor.Mqtt.Client;

/// <summary>
/// Says whether to let messages gather before the next read, so that a busy connection is read a hundred times a second and not once a
/// message. Only ever after a read that brought messages: the first one after a silence is never kept waiting.
/// </summary>
/// <remarks>
/// A server that lets only so many messages be under way (brokers of 3.1.1 do: 20 or 32, as a rule) waits for our answers, and pausing would
/// slow it down. It gives itself away: each pause brings it exactly the same number. After some of those nothing is paused for a while.
/// </remarks>
internal struct ReadPacer
{
    /// <summary>More than this came at once: more may be there already.</summary>
    private const int BusyBytes = 32 * 1024;

    private const int TellingRepeats = 4;
    private const int ReadsUnpaused = 1_000;

    private int _last;
    private int _repeats;
    private int _unpaused;

    /// <param name="messages">What the read brought.</param>
    /// <param name="bytes">How long it was.</param>
    public bool ShouldPause(int messages, long bytes)
    {
        if (messages == 0 || bytes >= BusyBytes)
        {
            return false;
        }

        if (_unpaused > 0)
        {
            _unpaused--;
            return false;
        }

        _repeats = messages == _last ? _repeats + 1 : 0;
        _last = messages;
        if (_repeats < TellingRepeats)
        {
            return true;
        }

        (_repeats, _unpaused) = (0, ReadsUnpaused);
        return false;
    }
}
