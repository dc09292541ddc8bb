using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A small tokenizer and a ChatML template that belong together, and pairs for them.</summary>
internal static class SmallChat
{
    /// <summary>A template as MiniMind's: an answer without reasoning gets an empty think block.</summary>
    public static ChatTemplate Template { get; } = ChatTemplate.Parse(
        """
        {%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}
        {%- if message.role == 'assistant' and '<think>' not in message.content %}{{ '<think>\n\n</think>\n\n' }}{% endif %}
        {{- message.content + '<|im_end|>\n' }}{% endfor %}
        {%- if tools %}{{ 'tools:' + tools[0].name }}{% endif %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """);

    /// <summary>A tokenizer that has the template's marks as special tokens.</summary>
    public static HuggingFaceTokenizer Tokenizer { get; } = SmallTokenizer.Parse(
        SmallTokenizer.Json("<|im_start|>", "<|im_end|>"), new JsonObject { ["bos_token"] = "<|im_start|>", ["eos_token"] = "<|im_end|>" });

    /// <summary>Twelve pairs of different lengths; the last answers are longer than 40 tokens.</summary>
    public static IEnumerable<(string Chosen, string Rejected)> Pairs => Enumerable.Range(0, 12).Select(i => (
        Conversation($"question {i}?", string.Concat(Enumerable.Repeat("the answer is ", 1 + i * 2)) + i),
        Conversation($"question {i}?", $"  no {i}")));

    /// <summary>A conversation of one question and one answer.</summary>
    public static string Conversation(string question, string answer) => JsonSerializer.Serialize(new[]
    {
        new { role = "user", content = question },
        new { role = "assistant", content = answer },
    });
}
