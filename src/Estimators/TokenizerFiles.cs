using System.Text;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A tokenizer's files and the chat template, as they go with a saved model.</summary>
internal static class TokenizerFiles
{
    // without a class transformers would take that of the model's type, which adds tokens of its own or cuts text otherwise than tokenizer.json says
    private static readonly ReadOnlyMemory<byte> s_plainConfig =
        """{"tokenizer_class":"PreTrainedTokenizerFast","clean_up_tokenization_spaces":false}"""u8.ToArray();

    /// <summary>The files by their names. The template is in a file of its own, wherever it came from.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> Of(HuggingFaceTokenizer tokenizer, ChatTemplate template) => new()
    {
        ["tokenizer.json"] = tokenizer.TokenizerJson,
        ["chat_template.jinja"] = Encoding.UTF8.GetBytes(template.Source),
        ["tokenizer_config.json"] = tokenizer.TokenizerConfigJson.IsEmpty ? s_plainConfig : tokenizer.TokenizerConfigJson,
    };
}
