using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Contents of files in memory, and what reading them gives.</summary>
internal static class FileBytes
{
    public const string Name = "pairs";

    /// <summary>A view that reads every kind of file.</summary>
    public static JsonlDataView View(byte[] bytes, PreferenceFileOptions? options = null) =>
        View(options ?? new(), new JsonlSource(Name, () => new MemoryStream(bytes, writable: false)));

    public static JsonlDataView View(PreferenceFileOptions options, params JsonlSource[] sources) =>
        new(sources, () => new PreferenceRow(options), options, anyKind: true);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Gzip(byte[] bytes)
    {
        if (bytes.Length == 0)
            return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // .NET writes nothing at all
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>Prompt, chosen and rejected answer of every row, as the conversations have them.</summary>
    public static List<string> Rows(IDataView view) => [.. Texts(view, "Chosen")
        .Zip(Texts(view, "Rejected"), (chosen, rejected) => $"{Contents(chosen)} > {Contents(rejected).Split('|')[^1]}")];

    /// <summary>The message that refuses a file as a whole.</summary>
    public static string Refusal(byte[] bytes, PreferenceFileOptions? options = null)
    {
        PreferenceDataException fault = Fault(View(bytes, options));
        fault.Reason.Should().BeNull("the file is at fault, not a row: {0}", fault.Message);
        fault.Message.Should().StartWith(Name).And.EndWith(".").And.NotContainAny("\n", "\r");
        return fault.Message;
    }

    private static string Contents(string conversation)
    {
        using JsonDocument list = System.Text.Json.JsonDocument.Parse(conversation);
        return string.Join('|', list.RootElement.EnumerateArray().Select(message => message.GetProperty("content").GetString()));
    }
}
