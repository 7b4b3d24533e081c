using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// What is made from one or two files, such as a certificate and its key, and made anew when they change: whoever renews them does nothing
/// else. Looked at when it is asked for, every two seconds at most; where the files are bad (or only one of two is written yet), the last good
/// one is kept and the problem reported, once for each change.
/// </summary>
internal sealed class ReloadedFiles<T>
    where T : class
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<string> _files;
    private readonly Func<T> _load;
    private readonly TimeProvider _time;
    private readonly Action<string> _report;
    private readonly Lock _gate = new();
    private T _current;
    private string _stamp;
    private long _looked;

    /// <param name="load">Throws what cannot be loaded.</param>
    /// <param name="report">Takes a sentence for the log.</param>
    public ReloadedFiles(IReadOnlyList<string> files, Func<T> load, TimeProvider time, Action<string> report)
    {
        (_files, _load, _time, _report) = (files, load, time, report);
        _stamp = Stamp();
        _looked = time.GetTimestamp();
        _current = load();
    }

    public T Current
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_looked) >= LookEvery)
                {
                    Look();
                }

                return _current;
            }
        }
    }

    private void Look()
    {
        _looked = _time.GetTimestamp();
        string stamp = Stamp();
        if (stamp == _stamp)
        {
            return;
        }

        _stamp = stamp;
        string names = string.Join(" and ", _files);
        try
        {
            _current = _load();
            _report($"{names}: read again");
        }
        catch (Exception e)
        {
            _report($"{names}: not taken, the last good one holds: {e.Message}");
        }
    }

    private string Stamp() => string.Join('|', _files.Select(FileChanges.Stamp));
}
