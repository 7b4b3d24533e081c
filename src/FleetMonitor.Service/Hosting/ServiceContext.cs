using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Hosting;

/// <summary>What the running service consists of, for those who show it or act on it.</summary>
internal sealed record ServiceContext(
    Settings Settings, SiteFiles Files, Engine Engine, IReadOnlyList<IMessageSource> Sources, AccessControl Access, TimeProvider Time, DateTimeOffset Started)
{
    /// <summary>Asks the pipeline something between two batches. It holds up everything else: keep it short.</summary>
    /// <exception cref="PipelineAwayException">The pipeline stops, or cannot go on now.</exception>
    public Task<T> AskAsync<T>(Func<Decider, T> question) => Engine.Loop.AskAsync(question).OrAway(Engine.Loop, Time);

    /// <exception cref="PipelineAwayException">The pipeline stops, or cannot go on now.</exception>
    public Task<BooksView> OpenBooksAsync() =>
        BooksView.OpenAsync(Engine.Loop, Engine.Ledger.Files, Engine.Fleet, Engine.Schedule).OrAway(Engine.Loop, Time);
}
