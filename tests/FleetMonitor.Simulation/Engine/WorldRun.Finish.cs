using FleetMonitor.Fleet;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Simulation.World;

namespace FleetMonitor.Simulation.Engine;

/// <summary>How a world ends: everything arrives, settles and is held against the model; then all of it comes once more and changes nothing.</summary>
internal sealed partial class WorldRun
{
    private const int MostTurns = 100;
    private static readonly TimeSpan TurnEvery = TimeSpan.FromSeconds(10);

    private void Finish()
    {
        for (int round = 0; _brokers.Any(broker => !broker.IsDrained || broker.Connection is null); round++)
        {
            for (int i = 0; i < _brokers.Length; i++)
            {
                Deliver(new Deliver(i, AtMost: 200, OrderSeed: 0, LostLast: 0));
            }

            Decide(_ => true);
            if (round > 1_000)
            {
                throw new ViolationException("The brokers still hold messages that are not acknowledged.");
            }
        }

        // Whatever is unsettled settles, unless a last crash takes it back.
        do
        {
            _time.Advance(TimeSpan.FromDays(2));
            Do(new Tick());
        }
        while (!Decide(_ => true));
        CheckTotals();
        Do(new Restart(Kill: false, _settings));
        Do(new Restart(Kill: false, _settings with { Shards = (_settings.Shards % 4) + 1 }));
        CheckAll();
        Replay();
        CheckAll();
        DrainPoints();
        CheckPoints();
    }

    /// <summary>The store is well again, and takes all that waits.</summary>
    private void DrainPoints()
    {
        _store.Mood = StoreMood.Well;
        for (int turn = 0; turn == 0 || _service.Points.Gauge.Entries > 0 || _service.Points.HasMarkedHours; turn++)
        {
            if (turn == MostTurns)
            {
                throw new ViolationException($"The store is well, and after {MostTurns} turns points still wait: {_service.Points.Gauge.Status}");
            }

            _time.Advance(TurnEvery);
            Do(new Tick());
            Decide(_ => true);
            Do(new Remake());
            Do(new Send());
        }
    }

    private void CheckPoints()
    {
        using IDiskView view = _disk.Read();
        if (view.OutboxDepth().Entries > 0)
        {
            _violations.Enqueue("Points wait in the ledger that the service knows nothing of");
        }

        bool sameFacts = !_plan.Acts.Any(act => act is TakeFleet);
        FleetSnapshot fleet = _service.Fleet.Current;
        new PointCheck(_store, _settings.Metering.Window, _violations.Enqueue).Check(
            view,
            _truth.Readings,
            (key, end) => _truth.Before(key, end, fleet, _settings.Metering),
            _service.Points.Gauge.Dropped,
            sameFacts,
            _truth.LetGoBefore,
            fleet);
        ThrowIfViolated();
    }

    /// <summary>All that was ever counted comes once more, as a capture.</summary>
    private void Replay()
    {
        Stop();
        Dispose(_service);
        var ledger = new FaultyLedger(_disk, _disk.Open(), _ => { }, _ => { }, _violations.Enqueue);
        _service = SimulatedService.Create(ledger, _disk, _store, _fleet, _settings, clockFromMessages: true, _time);
        foreach (Reception[] chunk in _truth.Counted.Chunk(20))
        {
            Receive(chunk, "replay", null);
        }

        foreach (Action<PipelineLoop> item in _waiting)
        {
            item(_service.Loop);
        }

        _waiting.Clear();
        _received = [];
        _service.Loop.Start();
        Stop();
        Dispose(_service);
        Start();
    }

    private void CheckTotals() => Decide(decider =>
    {
        using IDiskView view = _disk.Read();
        FleetSnapshot fleet = _service.Fleet.Current;
        FleetModel model = _truth.Model(fleet, _settings.Metering);
        _check.Totals(view, decider.Shards.Overlay(), fleet, model, "the running service");
        _check.Totals(view, SimulatedService.OverlayOf(view, _fleet, _settings, _time.Now), fleet, model, "one that reads the ledger");
        _check.Accounts(view, fleet);
        _check.Alerts(view);
        return true;
    });

    /// <summary>After a clean stop, with everything in checkpoints.</summary>
    private void CheckAll()
    {
        CheckTotals();
        Decide(_ =>
        {
            using IDiskView view = _disk.Read();
            _check.GapsAndEvents(view, _truth.Model(_service.Fleet.Current, _settings.Metering));
            _check.Quarantine(view);
            _check.Evidence(view);
            int noted = view.SessionGaps().Count();
            if (noted != _sessionsLost)
            {
                _violations.Enqueue($"{_sessionsLost} sessions were lost, {noted} are noted");
            }

            return true;
        });
    }
}
