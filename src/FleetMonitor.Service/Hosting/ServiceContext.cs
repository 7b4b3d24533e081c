using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Hosting;

/// <summary>What the running service consists of, for those who show it or act on it.</summary>
internal sealed record ServiceContext(
    Settings Settings, SiteFiles Files, Engine Engine, IReadOnlyList<IMessageSource> Sources, TimeProvider Time, DateTimeOffset Started)
{
    public Task<BooksView> OpenBooksAsync() => BooksView.OpenAsync(Engine.Loop, Engine.Ledger.Files, Engine.Fleet, Engine.Schedule);
}
