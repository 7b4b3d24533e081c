using System.Text.Encodings.Web;
using System.Text.Json;

namespace FleetMonitor.Service.Commands;

/// <summary>JSON on stdout: what the API answers, laid out for reading.</summary>
internal static class JsonOutput
{
    public static void Print(Action<Utf8JsonWriter> write)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(
            output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(json);
        }

        output.Write("\n"u8);
    }
}
