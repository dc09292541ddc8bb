using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tokenization;
using Parquet;
using Parquet.Schema;

namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>Data files of every kind but JSON lines, and a chain that ML.NET saved.</summary>
internal static partial class Seeds
{
    private static readonly byte[][] s_tables =
    [
        Text("prompt,chosen,rejected\r\nHi,\"Hello, \"\"you\"\".\r\n\",No.\r\n"),
        Text("sep=;\nprompt;chosen;rejected\nHi;Hello.;No.\n;;\n"),
        Text("system\tprompt\tchosen\trejected\nBe brief.\tHi\tHello.\tNo.\n"),
        Text("\uFEFFchosen,rejected\n\"[{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello.'}]\",\"[{\"\"role\"\": \"\"user\"\", " +
            "\"\"content\"\": \"\"Hi\"\"}]\"\n"),
    ];

    private static byte[][] Arrays =>
    [
        Text($"[{string.Join(",\n ", s_rows)}]"),
        Text("[\n{\n\"prompt\": \"Hi\", \"chosen\": \"He said \\\"Hi\\\" [{\",\n\"rejected\": \"No.\"},\nnull, [], 1 ]\n"),
        Text("{\n  \"prompt\": \"Hi\",\n  \"chosen\": \"Hello.\",\n  \"rejected\": \"No.\"\n}\n{\n  \"prompt\": \"Hi\"\n}"),
        Text("[]"),
    ];

    private static void WriteFiles(string folder)
    {
        Write(folder, "csv", s_tables);
        Write(folder, "array", Arrays);
        Write(folder, "gzip", [Gzip(s_tables[0]), [.. Gzip(Text(s_rows[1] + "\n")), .. Gzip(Text(s_rows[2])), 0, 0], Gzip(Arrays[0])[..^4],
            Gzip(Gzip(s_tables[1])), Gzip([])]);
        Write(folder, "parquet", [Texts(CompressionMethod.None), Texts(CompressionMethod.Snappy), Messages()]);
        Write(folder, "model-zip", [Chain()]);
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] Texts(CompressionMethod compression)
    {
        DataField[] fields = [new DataField<string>("prompt"), new DataField<string>("chosen"), new DataField<string>("rejected"), new DataField<int?>("id")];
        return Table(fields, compression, async group =>
        {
            await group.WriteAsync(fields[0], (string[])["Hi", "Hi"]);
            await group.WriteAsync(fields[1], (string[])["Hello.", "Hello."]);
            await group.WriteAsync(fields[2], (string[])["No.", "Go away."]);
            await group.WriteAsync<int>(fields[3], (int?[])[1, null]);
        });
    }

    private static byte[] Messages()
    {
        DataField<string> role = new("role");
        DataField<string> content = new("content");
        ListField list = new("messages", new StructField("element", role, content));
        return Table([list], CompressionMethod.None, async group =>
        {
            DataField[] leaves = [role, content];
            string[][] values = [["user", "assistant"], ["Hi", "Hello."]];
            for (int i = 0; i < leaves.Length; i++)
                await group.WriteAsync(leaves[i], values[i], repetitionLevels: (int[])[0, 1]);
        });
    }

    private static byte[] Table(Field[] fields, CompressionMethod compression, Func<ParquetRowGroupWriter, Task> write) => Task.Run(async () =>
    {
        MemoryStream file = new();
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(fields), file, new ParquetOptions { CompressionMethod = compression }))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await write(group);
        }
        return file.ToArray();
    }).GetAwaiter().GetResult();

    // A chain without weights, its entries as they are: what is packed hides what it holds from the fuzzer.
    private static byte[] Chain()
    {
        MLContext context = new(seed: 1);
        ChatTemplate template = ChatTemplate.Parse(s_templates[0]);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(Text(Tokenizer));
        IDataView pairs = context.Data.LoadFromEnumerable([PreferencePair.FromPrompt("Hi", chosen: "Hello.", rejected: "No.")]);
        ITransformer chain = context.Transforms.ApplyChatTemplate(template, [new InputOutputColumnPair("ChosenText", "Chosen")])
            .Append(context.Transforms.TokenizeConversations(tokenizer, [new InputOutputColumnPair("ChosenTokens", "ChosenText")], maxLength: 8)).Fit(pairs);
        using MemoryStream saved = new();
        context.Model.Save(chain, pairs.Schema, saved);
        using MemoryStream stored = new();
        using (ZipArchive from = new(saved))
        using (ZipArchive to = new(stored, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using Stream content = entry.Open(), copy = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                content.CopyTo(copy);
            }
        }
        return stored.ToArray();
    }
}
