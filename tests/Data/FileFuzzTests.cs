using System.Diagnostics;
using System.Text;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Mutated files of every kind give rows or clear errors, in bounded time.</summary>
public class FileFuzzTests
{
    private static readonly byte[][] s_texts =
    [
        Utf8("prompt,chosen,rejected\r\nq,\"a \"\"x\"\"\r\n天气\",b\r\nq2,a,b\r\n"),
        Utf8("prompt;chosen;rejected\nq;a;b\nq2;\"a\";b\n"),
        Utf8("[{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"},\n {\"prompt\": \"q2\", \"chosen\": \"天\\\"\", \"rejected\": \"b\"}]"),
        Utf8("{\n \"prompt\": \"q\",\n \"chosen\": \"a\",\n \"rejected\": \"b\"\n}\n"),
        Gzip(Utf8("prompt,chosen,rejected\nq,a,b\n")),
        Utf8("{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}\n{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"c\"}\n"),
    ];

    private static readonly string[] s_tokens = ["\"", "\"\"", ",", ";", "\t", "\r", "\n", "[", "]", "{", "}", "\\", "\0", "\uFEFF", "sep=;\n", "PAR1",
        "\x1F\x8B", "null", "<html", "{\"a\":{\"0\":1}}"];

    [Fact]
    public void Read_MutatedTexts_AreRowsOrClearErrors()
    {
        Random random = new(77);
        int good = 0, bad = 0;
        for (int i = 0; i < 3_000; i++)
        {
            bool read = Try(Mutate(s_texts[i % s_texts.Length], random), i % 2 == 0 ? BadRowPolicy.Skip : BadRowPolicy.Fail);
            good += read ? 1 : 0;
            bad += read ? 0 : 1;
        }
        (good > 300 && bad > 300).Should().BeTrue($"both outcomes must be exercised, and were {good} and {bad} times");
    }

    [Fact]
    public void Read_MutatedParquet_AreRowsOrClearErrors()
    {
        byte[] seed = ParquetFiles.Texts(2, ("q", "a", "b"), ("q2", "a", null), ("q3", "天气", "b"));
        Random random = new(78);
        int good = 0, bad = 0;
        for (int i = 0; i < 1_500; i++)
        {
            bool read = Try(Mutate(seed, random, from: 4), BadRowPolicy.Skip);
            good += read ? 1 : 0;
            bad += read ? 0 : 1;
        }
        (good > 20 && bad > 300).Should().BeTrue($"both outcomes must be exercised, and were {good} and {bad} times");
    }

    // True where the file has rows; every other end than a clear error fails.
    private static bool Try(byte[] bytes, BadRowPolicy policy)
    {
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            JsonlDataView view = View(bytes, new PreferenceFileOptions { BadRows = policy, MaxLineBytes = 4096, MaxRowGroupBytes = 1 << 20 });
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            ValueGetter<ReadOnlyMemory<char>> chosen = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Chosen"]);
            ReadOnlyMemory<char> text = default;
            while (cursor.MoveNext())
            {
                chosen(ref text);
                text.Span.ToString().Should().StartWith("[{").And.EndWith("}]").And.NotContainAny("\n", "\r");
            }
            return true;
        }
        catch (PreferenceDataException fault)
        {
            fault.Message.Should().StartWith(FileBytes.Name).And.EndWith(".").And.NotContainAny("\n", "\r");
            return false;
        }
        finally
        {
            clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "a file of {0} bytes: {1}", bytes.Length, Convert.ToBase64String(bytes));
        }
    }

    private static byte[] Mutate(byte[] seed, Random random, int from = 0)
    {
        byte[] bytes = seed;
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(from, bytes.Length), length = Math.Min(random.Next(1, 12), bytes.Length - at);
            bytes = random.Next(6) switch
            {
                0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], .. bytes[(at + length)..]],
                2 => [.. bytes[..at], .. Encoding.UTF8.GetBytes(s_tokens[random.Next(s_tokens.Length)]), .. bytes[at..]],
                3 => [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]],
                4 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
                _ => bytes[..Math.Max(from + 1, bytes.Length - random.Next(0, 3))],
            };
            if (bytes.Length <= from + 1)
                bytes = seed;
        }
        return bytes;
    }
}
