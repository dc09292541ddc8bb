using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Chat clients of scripted models, with the QuickStart's tokenizer and ChatML.</summary>
internal static class ScriptedChat
{
    /// <summary><c>&lt;|endoftext|&gt;</c>, <c>&lt;|im_start|&gt;</c>, <c>&lt;|im_end|&gt;</c>.</summary>
    public const int EndOfText = 0, Start = 1, End = 2;

    public static HuggingFaceTokenizer Tokenizer { get; } = HuggingFaceTokenizer.Load(SmallModel.TokenizerFolder);

    /// <summary>How many tokens an answer's header has.</summary>
    public static int HeaderLength { get; } = Ids("<|im_start|>assistant\n").Length;

    public static GenerationOptions Greedy { get; } = GenerationOptions.Greedy with { MaxNewTokens = 20 };

    public static int[] Ids(string text) => Tokenizer.Encode(text, addSpecialTokens: false);

    public static IChatClient Client(IReadableModel model, GenerationOptions? defaults = null, ChatTemplate? template = null, params string[] endTexts) =>
        Client(model, new ServingOptions(), defaults, template, endTexts);

    public static IChatClient Client(
        IReadableModel model, ServingOptions serving, GenerationOptions? defaults = null, ChatTemplate? template = null, params string[] endTexts)
    {
        AnswerEnds ends = new(new HashSet<int> { End }, endTexts);
        return new MiniMindChatClient(ServedModel.Of(model, serving), Tokenizer, template ?? ChatTemplate.ChatMl, ends, defaults ?? Greedy, "scripted");
    }

    public static async Task<List<ChatResponseUpdate>> Updates(this IChatClient client, ChatOptions? options = null)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello?", options))
            updates.Add(update);
        return updates;
    }
}
