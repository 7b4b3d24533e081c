using System.Collections.Concurrent;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Simulation.World;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Simulation.Engine;

/// <summary>Lets a world happen to the real pipeline. The first thing that is wrong ends it.</summary>
internal sealed partial class WorldRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorldPlan _plan;
    private readonly IDisk _disk;
    private readonly WorldTally _tally;
    private readonly SimulatedTime _time;
    private readonly SimulatedBroker[] _brokers;
    private readonly SimulatedStore _store;
    private readonly Truth _truth = new(SimulatedService.MaxFuture);
    private readonly ConcurrentQueue<string> _violations = [];
    private readonly List<Action<PipelineLoop>> _waiting = [];
    private readonly BookCheck _check;
    private List<Reception> _received = [];
    private List<Reception>? _deciding;
    private FleetSnapshot _fleet;
    private ServiceSettings _settings;
    private SimulatedService _service = null!;
    private int _sessionsLost;

    private WorldRun(WorldPlan plan, IDisk disk, WorldTally tally)
    {
        (_plan, _disk, _tally, _fleet, _settings) = (plan, disk, tally, plan.Fleet, plan.Settings);
        _time = new SimulatedTime(plan.Start);
        _brokers = [.. plan.Brokers.Select((traits, index) =>
            new SimulatedBroker($"broker-{index}", traits, OnAcknowledged, _violations.Enqueue))];
        _store = new SimulatedStore(plan.Store);
        _check = new BookCheck(_truth, _violations.Enqueue);
    }

    /// <returns>What was wrong first; null where nothing was.</returns>
    public static string? Of(WorldPlan plan, IDisk disk, WorldTally tally)
    {
        var run = new WorldRun(plan, disk, tally);
        try
        {
            run.Live();
        }
        catch (ViolationException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            return $"The service failed: {e}";
        }
        finally
        {
            run._service?.Ledger.Kill();
            run._service?.Points.Dispose();
            run._service?.Loop.DisposeAsync().AsTask().ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            run._service?.Ledger.Dispose();
        }

        tally.AddStore(run._store.Troubles);
        tally.AddWorld(TimeSpan.FromTicks(plan.Acts.OfType<Wait>().Sum(wait => Math.Max(0, wait.For.Ticks))));
        return null;
    }

    private void Live()
    {
        Start();
        foreach (Act act in _plan.Acts)
        {
            Do(act);
            ThrowIfViolated();
        }

        Finish();
    }

    private void Do(Act act)
    {
        switch (act)
        {
            case Wait wait:
                _time.Advance(wait.For);
                break;
            case Jump jump:
                _time.Jump(jump.By);
                break;
            case Publish publish:
                _brokers[publish.Broker].Publish(publish.Message);
                break;
            case Deliver deliver:
                Deliver(deliver);
                break;
            case World.Decide:
                Decide(_ => true);
                break;
            case Tick:
                _waiting.Add(_ => _time.Tick());
                break;
            case Drop drop:
                _brokers[drop.Broker].Drop();
                break;
            case LoseSession lose:
                _brokers[lose.Broker].LoseSession();
                break;
            case StoreTurns turns:
                _store.Mood = turns.Mood;
                break;
            case Send:
                Turn(_service.Points.SendAsync);
                break;
            case Remake:
                Turn(_service.Points.RemakeAsync);
                break;
            case Fault fault:
                _service.Ledger.Arm(fault);
                break;
            case Restart restart:
                Restart(restart);
                break;
            case TakeFleet take:
                _fleet = take.Fleet;
                Decide(_ => _service.TakeFleet(_fleet));
                break;
            case LetGo letGo:
                Instant before = _time.Now.Minus(letGo.OlderThan);
                Decide(decider =>
                {
                    decider.Add(commit => commit.LetGo.AddRange(decider.Shards.Devices
                        .Select(device => EvidenceRoll.Of(device, _service.Ledger, before, EvidenceRoll.Age)).OfType<EvidenceLetGo>()));
                    return true;
                });
                _truth.LetGo(before);
                break;
            case Check:
                CheckTotals();
                break;
            default:
                throw new InvalidOperationException($"unknown act {act}");
        }
    }

    private void Deliver(Deliver act)
    {
        SimulatedBroker broker = _brokers[act.Broker];
        if (broker.Connection is null)
        {
            Connect(broker);
        }

        IReadOnlyList<Reception> sent = broker.Send(act.AtMost, act.OrderSeed, _time.Now);
        Receive([.. sent.SkipLast(act.LostLast)], broker.Name, broker.Connection!);
        if (act.LostLast > 0)
        {
            broker.Drop();
        }
    }

    private void Connect(SimulatedBroker broker)
    {
        bool known = broker.Session > 0;
        if (broker.Connect() || !known)
        {
            return;
        }

        // The source waits for the commit that notes the gap before it goes on.
        _sessionsLost++;
        Decide(_ => true);
        _waiting.Add(loop => _ = loop.SessionLostAsync(broker.Name, _time.Now, _time.Now, "lost", isNewSession: true).AsTask());
        Decide(_ => true);
        if (broker.Connection is null)
        {
            broker.Connect();
        }
    }

    private void Receive(IReadOnlyList<Reception> receptions, string source, IAcknowledger? acknowledger)
    {
        if (receptions.Count == 0)
        {
            return;
        }

        var batch = new RawBatch(
            source, acknowledger, receptions.Sum(one => one.Message.TopicBytes.Length + one.Message.PayloadBytes.Length));
        foreach (Reception one in receptions)
        {
            batch.Add(
                one.Message.TopicBytes, one.Message.PayloadBytes, one.ReceivedAt, acknowledger is null ? (ushort)0 : one.PacketId, one.Redelivered, one.AsRetained);
        }

        _waiting.Add(loop => loop.ReceiveAsync(batch, CancellationToken.None).AsTask().Wait());
        _received.AddRange(receptions);
    }

    /// <summary>Lets the loop take all that waits as one batch, and asks it something after that batch.</summary>
    /// <returns>False where the process died of it: it was started again.</returns>
    private bool Decide(Func<Decider, bool> question)
    {
        _time.CloseDoor();
        PipelineLoop loop = _service.Loop;
        // Whoever finds the loop idle runs it: not this thread, which is to hold its door shut until all of the batch is there.
        Task<bool> answer;
        if (_waiting is [var first, .. var rest])
        {
            Task.Run(() => first(loop));
            _time.AwaitAtDoor();
            foreach (Action<PipelineLoop> item in rest)
            {
                item(loop);
            }

            answer = loop.AskAsync(question);
        }
        else
        {
            answer = Task.Run(() => loop.AskAsync(question));
            _time.AwaitAtDoor();
        }

        _deciding = _received;
        _received = [];
        _waiting.Clear();
        _time.OpenDoor();
        Await(answer, loop.Completion);
        if (HasDied())
        {
            StartAgain();
            return false;
        }

        if ((answer.Exception ?? loop.Completion.Exception) is { } failure)
        {
            throw new ViolationException($"The pipeline failed: {failure.InnerException}");
        }

        return answer.Result;
    }

    /// <summary>One of those that work beside the loop does what there is to do, while the loop has nothing else.</summary>
    private void Turn(Func<Task> work)
    {
        Task turn = Task.Run(work);
        Await(turn);
        if (HasDied())
        {
            StartAgain();
        }
        else if (turn.Exception is { } failure)
        {
            throw new ViolationException($"Points: {failure.InnerException}");
        }
    }

    /// <summary>Waits until one of them has ended, however it did.</summary>
    private void Await(params Task[] tasks)
    {
        if (!Task.WhenAny(tasks).Wait(Patience))
        {
            throw new ViolationException("The pipeline neither answers nor ends");
        }

        ThrowIfViolated();
    }

    /// <summary>True where the process is to be started again: it was killed, or has ended itself.</summary>
    private bool HasDied()
    {
        if (_service.Ledger.HasFailed)
        {
            Await(_service.Loop.Completion);
        }

        return _service.Ledger.IsDead || _service.Ledger.HasFailed;
    }

    private void Start()
    {
        IDiskLedger opened = _disk.Open();
        var ledger = new FaultyLedger(_disk, opened, OnDurable, BreakConnections, _violations.Enqueue);
        _service = SimulatedService.Create(ledger, _disk, _store, _fleet, _settings, clockFromMessages: false, _time);
        _service.Loop.Start();
        Decide(_ => _service.ApplyFacts());
    }

    private void StartAgain()
    {
        _service.Ledger.Kill();
        Dispose(_service);
        foreach (SimulatedBroker broker in _brokers)
        {
            broker.Drop();
        }

        _waiting.Clear();
        _received = [];
        _deciding = null;
        Start();
    }

    private void Restart(Restart act)
    {
        if (act.Kill)
        {
            _settings = act.Settings;
            StartAgain();
            return;
        }

        if (Decide(_ => true))
        {
            Stop();
        }

        _settings = act.Settings;
        StartAgain();
    }

    /// <summary>A clean stop, unless the world has the process die of it, or the disk is full: then it ends where it stands.</summary>
    private void Stop()
    {
        try
        {
            _service.Loop.StopAsync().Wait();
        }
        catch (AggregateException e)
        {
            if (!HasDied() && e.InnerException is not LedgerFullException)
            {
                throw new ViolationException($"The pipeline failed in stopping: {e.InnerException}");
            }
        }
    }

    private void Dispose(SimulatedService service)
    {
        _tally.AddProcess(service.Counters, service.Points.Gauge.Status);
        service.Points.Dispose();
        service.Loop.DisposeAsync().AsTask().Wait();
        service.Ledger.Dispose();
    }

    private void OnDurable(LedgerCommit commit)
    {
        bool holdsInput = !commit.Journal.IsEmpty || commit.Quarantine.Count > 0;
        if (holdsInput && _deciding is { } receptions)
        {
            _deciding = null;
            _truth.Take(receptions, commit, id => _service.Decider.Shards.Devices[id].Key, _violations.Enqueue);
        }
    }

    private void OnAcknowledged(SimulatedBroker broker, Message message)
    {
        if (message.Reading is not null && !_truth.IsDurable(message))
        {
            _violations.Enqueue($"{message} was acknowledged at {broker.Name} before it was durable");
        }
    }

    private void BreakConnections(bool reconnect)
    {
        foreach (SimulatedBroker broker in _brokers.Where(broker => broker.Connection is not null))
        {
            broker.Drop();
            if (reconnect && broker.HasSession)
            {
                broker.Connect();
            }
        }
    }

    private void ThrowIfViolated()
    {
        if (_violations.TryDequeue(out string? first))
        {
            throw new ViolationException(first);
        }
    }
}

/// <summary>The world saw what may never be.</summary>
internal sealed class ViolationException(string what) : Exception(what);
