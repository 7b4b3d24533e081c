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

namespace FleetMonitor.Service.Commands;

/// <summary>
/// An act on the books: with the ledger's lock where nobody holds it, else through the API of the service that does, with a key of the role
/// <c>finance</c>.
/// </summary>
/// <param name="Path">Of the endpoint, below <c>/api/v1/</c>.</param>
/// <param name="Body">What to post there, as JSON.</param>
/// <param name="Direct">The same without the service: writes the answer, or gives what keeps it from being done.</param>
internal sealed record LedgerAct(string Path, byte[] Body, Func<Bookkeeper, Utf8JsonWriter, CancellationToken, Task<ActRefusal?>> Direct)
{
    public const string KeyVariable = "FLEETMONITOR_API_KEY";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
            await engine.StartAsync();
            using var bookkeeper = new Bookkeeper(engine, time, logging.CreateLogger<Bookkeeper>());
            int code = await ActAsync(bookkeeper, cancellation);
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

    private async Task<int> ActAsync(Bookkeeper bookkeeper, CancellationToken cancellation)
    {
        using var answer = new MemoryStream();
        ActRefusal? refusal;
        await using (var json = new Utf8JsonWriter(answer, Indented))
        {
            refusal = await Direct(bookkeeper, json, cancellation);
        }

        if (refusal is not null)
        {
            Console.Error.WriteLine(refusal.Text);
            return refusal.ExitCode;
        }

        Print(answer.ToArray());
        return ExitCode.Done;
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
                using JsonDocument document = JsonDocument.Parse(answer);
                using var indented = new MemoryStream();
                await using (var json = new Utf8JsonWriter(indented, Indented))
                {
                    document.RootElement.WriteTo(json);
                }

                Print(indented.ToArray());
                return ExitCode.Done;
            }

            Console.Error.WriteLine($"The service at {settings.Http.Url} answered {(int)response.StatusCode}: {Detail(answer)}");
            if (key is null)
            {
                Console.Error.WriteLine($"Set {KeyVariable} to a key with the role finance (Http:Keys), or stop the service and try again.");
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
    private static void Print(byte[] answer)
    {
        using (JsonDocument document = JsonDocument.Parse(answer))
        {
            if (document.RootElement.TryGetProperty("warnings", out JsonElement warnings))
            {
                foreach (JsonElement warning in warnings.EnumerateArray())
                {
                    Console.Error.WriteLine($"warning: {warning.GetProperty("code").GetString()}: {warning.GetProperty("text").GetString()}");
                }
            }
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(answer);
        output.Write("\n"u8);
    }
}

/// <summary>Why an act was not done.</summary>
/// <param name="ExitCode">2 where what was typed will not do, 1 where the books will not have it.</param>
internal sealed record ActRefusal(string Text, int ExitCode);
