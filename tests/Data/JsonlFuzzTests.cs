using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class JsonlFuzzTests
{
    private static readonly string[] s_seeds =
    [
        """{"id": 1, "chosen": [{"role": "user", "content": "What \ud83d\ude00 is é?"}, {"role": "assistant", "content": "a\nb"}], "rejected": """ +
            """[{"role": "user", "content": "What \ud83d\ude00 is é?"}, {"role": "assistant", "content": "c"}]}""",
        """{"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}], "chosen": """ +
            """[{"role": "assistant", "content": "天气"}], "rejected": [{"role": "assistant", "content": null, "tool_calls": [{"name": "f", "arguments": """ +
            """{"x": -1.5e3}}]}], "tools": [{"type": "function"}]}""",
        """{"prompt": "The sky is", "chosen": " blue.", "rejected": " green.", "score": [1, true, null]}""",
        """{"chosen": "The sky is 👩‍👩‍👧 blue.", "rejected": "The sky is 👩‍👩‍👦 green."}""",
        """{"conversations": [{"from": "human", "value": "Sky?"}], "system": "s", "chosen": {"from": "gpt", "value": "Blue."}, "rejected": """ +
            """{"from": "gpt", "value": "Green."}}""",
        """{"question": "Sky?", "history": [["h", "g"]], "answers": [{"answer": "Blue.", "rank": 1.0}, {"answer": "Green.", "rank": 2}, """ +
            """{"answer": "Red.", "rank": "3"}]}""",
        """{"chosen": "[{'role': 'user', 'content': 'Sk\\u00e9?'}, {'role': 'assistant', 'content': \"It's blue\"}]", "rejected": "[{'role': 'user', """ +
            """'content': 'Sk\\u00e9?'}\n {'role': 'assistant', 'content': None, 'tool_calls': [1]}]"}""",
        """{"chosen": "\n\nHuman: Sky?\n\nAssistant: I think blue.", "rejected": "\n\nHuman: Sky?\n\nAssistant: I think green.", "tools": "[{'name': 'f'}]"}""",
        """{"messages": [{"role": "user", "content": [{"type": "text", "text": "Sky?"}]}, """ +
            """{"role": "assistant", "content": "Blue."}], "rejected_response": "Green.", "source": "a b"}""",
    ];

    private static readonly string[] s_tokens =
        ["\"", "\\", "{", "}", "[", "]", ",", ":", "null", "\\u", "\\ud83d", "\\ud", "\r", "\t", "\"role\"", "\"content\"", "\"tools\":[1],", "1e999", "-",
            "\0", "\uFEFF"];

    [Fact]
    public void Read_MutatedLines_AreValidRowsOrClearErrors()
    {
        Random random = new(20_240_607);
        PreferenceFileOptions options = new() { ExtraColumns = ["score", "id"] };
        int good = 0, bad = 0;
        for (int i = 0; i < 6_000; i++)
        {
            byte[] line = Mutate(Encoding.UTF8.GetBytes(s_seeds[i % s_seeds.Length]), random);
            try
            {
                CheckRow(Pairs(options, Source(line)));
                good++;
            }
            catch (PreferenceDataException fault)
            {
                fault.Message.Should().StartWith(Name).And.EndWith(".").And.NotContainAny("\n", "\r");
                bad++;
            }
        }
        (good > 100 && bad > 1_000).Should().BeTrue($"both outcomes must be exercised, and were {good} and {bad} times");
    }

    // Valid: both columns parse as message lists with an answer at the end.
    private static void CheckRow(JsonlDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext().Should().BeTrue();
        List<string> answers = new();
        foreach (DataViewSchema.Column column in view.Schema.Where(column => column.Type is TextDataViewType))
        {
            ReadOnlyMemory<char> text = default;
            cursor.GetGetter<ReadOnlyMemory<char>>(column)(ref text);
            if (column.Name is not ("Chosen" or "Rejected"))
                continue;
            using JsonDocument list = JsonDocument.Parse(text);
            JsonElement last = list.RootElement.EnumerateArray().Last();
            last.GetProperty("role").GetString().Should().Be("assistant");
            answers.Add(text.ToString());
        }
        answers[0].Should().NotBe(answers[1]);
        while (cursor.MoveNext())
            cursor.Position.Should().BePositive("a line break among the mutations makes further rows");
    }

    private static byte[] Mutate(byte[] line, Random random)
    {
        for (int n = random.Next(1, 3); n > 0; n--)
        {
            int at = random.Next(line.Length), length = Math.Min(random.Next(1, 12), line.Length - at);
            line = random.Next(6) switch
            {
                0 => [.. line[..at], (byte)random.Next(256), .. line[(at + 1)..]],
                1 => [.. line[..at], .. line[(at + length)..]],
                2 => [.. line[..at], .. Encoding.UTF8.GetBytes(s_tokens[random.Next(s_tokens.Length)]), .. line[at..]],
                3 => [.. line[..at], .. line[at..(at + length)], .. line[at..]],
                4 => [.. line[..at], (byte)(line[at] ^ (1 << random.Next(8))), .. line[(at + 1)..]],
                _ => line[..(line.Length - random.Next(0, 3))],
            };
            if (line.Length == 0)
                line = "{"u8.ToArray();
        }
        return line;
    }
}
