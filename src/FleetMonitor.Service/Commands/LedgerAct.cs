using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Commands;

/// <summary>
/// An act on the ledger: with its lock where nobody holds it, else through the API of the service that does, with a key of the role that the
/// act takes.
/// </summary>
/// <param name="Path">Of the endpoint, below <c>/api/v1/</c>.</param>
/// <param name="Body">What to post there, as JSON.</param>
/// <param name="Direct">The same without the service: writes the answer, or gives what keeps it from being done.</param>
/// <param name="Takes">The role that it takes.</param>
internal sealed record LedgerAct(
    string Path, byte[] Body, Func<Engine, Bookkeeper, Utf8JsonWriter, CancellationToken, Task<ActRefusal?>> Direct, Role Takes = Role.Finance)
{
    public const string KeyVariable = "FLEETMONITOR_API_KEY";

    public async Task<int> RunAsync(CommonOptions common, ParseResult parsed, TimeProvider time, CancellationToken cancellation)
    {
        if (common.ReadWithFiles(parsed) is not var (settings, files))
        {
            return ExitCode.WrongUsage;
        }

        try
        {
            using ILoggerFactory logging = Logging.CreateFactory(settings.Log);
            await using Engine engine = Engine.Open(
                settings,
                files,
                clockFromMessages: false,
                time,
                logging.CreateLogger("FleetMonitor.Ledger"));
            await engine.Check.FinishAsync();
            await engine.StartAsync();
            using var bookkeeper = new Bookkeeper(engine, time, logging.CreateLogger<Bookkeeper>());
            int code = await ActAsync(engine, bookkeeper, cancellation);
            await engine.Loop.StopAsync();
            return code;
        }
        catch (LedgerInUseException inUse)
        {
            return await ThroughServiceAsync(settings, inUse, cancellation);
        }
        catch (LedgerException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }

    private async Task<int> ActAsync(Engine engine, Bookkeeper bookkeeper, CancellationToken cancellation)
    {
        using var answer = new MemoryStream();
        ActRefusal? refusal;
        await using (var json = new Utf8JsonWriter(answer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            refusal = await Direct(engine, bookkeeper, json, cancellation);
        }

        if (refusal is not null)
        {
            Console.Error.WriteLine(refusal.Text);
            return refusal.ExitCode;
        }

        return Print(answer.ToArray());
    }

    private async Task<int> ThroughServiceAsync(Settings settings, LedgerInUseException inUse, CancellationToken cancellation)
    {
        string? key = Environment.GetEnvironmentVariable(KeyVariable);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = Trust(settings.Http.Certificate) };
        using var http = new HttpClient(handler) { BaseAddress = settings.Http.Url, Timeout = TimeSpan.FromMinutes(10) };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var body = new ByteArrayContent(Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using HttpResponseMessage response = await http.PostAsync(new Uri("api/v1/" + Path, UriKind.Relative), body, cancellation);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (response.IsSuccessStatusCode)
            {
                return Print(answer);
            }

            Console.Error.WriteLine($"The service at {settings.Http.Url} answered {(int)response.StatusCode}: {Detail(answer)}");
            if (key is null)
            {
                Console.Error.WriteLine($"Set {KeyVariable} to a key with the role {Access.Name(Takes)} (Http:Keys), or stop the service and try again.");
            }

            return response.StatusCode == HttpStatusCode.BadRequest ? ExitCode.WrongUsage : ExitCode.Failed;
        }
        catch (HttpRequestException e)
        {
            Console.Error.WriteLine(inUse.Message);
            Console.Error.WriteLine($"No service answers at {settings.Http.Url}: {e.Message}");
        }

        return ExitCode.Failed;
    }

    /// <summary>The service's own certificate is known by its file, whoever signed it and whatever name it was made for.</summary>
    private static Func<HttpRequestMessage, X509Certificate2?, X509Chain?, SslPolicyErrors, bool> Trust(CertificateSettings? own) =>
        (_, shown, _, errors) => errors == SslPolicyErrors.None
            || (own is not null && shown is not null
                && X509Certificate2.CreateFromPem(File.ReadAllText(own.CertificateFile)).RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span));

    private static string Detail(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("detail", out JsonElement detail) ? detail.ToString() : document.RootElement.ToString();
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetString(answer);
        }
    }

    /// <summary>The answer on stdout, and what it warns of on stderr, where a person sees it who sends the answer elsewhere.</summary>
    private static int Print(byte[] answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        if (document.RootElement.TryGetProperty("warnings", out JsonElement warnings))
        {
            foreach (JsonElement warning in warnings.EnumerateArray())
            {
                Console.Error.WriteLine($"warning: {warning.GetProperty("code").GetString()}: {warning.GetProperty("text").GetString()}");
            }
        }

        JsonOutput.Print(document.RootElement.WriteTo);
        return ExitCode.Done;
    }
}

/// <summary>Why an act was not done.</summary>
/// <param name="ExitCode">2 where what was typed will not do, 1 where the books will not have it.</param>
internal sealed record ActRefusal(string Text, int ExitCode);
