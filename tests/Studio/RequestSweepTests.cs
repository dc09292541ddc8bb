using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.AspNetCore.Requests;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>A request of every field, in which each value is replaced by every kind of value: it is read, or refused by a place that it has.</summary>
public sealed class RequestSweepTests
{
    private const string Chat = """
        {"messages":[
          {"role":"system","content":"Be short."},
          {"role":"user","content":[{"type":"text","text":"What does rye cost?"}]},
          {"role":"assistant","content":null,"reasoning_content":"I look.","refusal":null,"annotations":[],"tool_calls":[
            {"index":0,"id":"a1","type":"function","function":{"name":"price","arguments":"{\"bread\":\"rye\"}"}}]},
          {"role":"tool","tool_call_id":"a1","name":"price","content":"4"}],
         "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"temperature":0.5,"top_p":0.75,"top_k":9,"frequency_penalty":0.25,
         "presence_penalty":-0.25,"seed":5,"max_completion_tokens":11,"max_tokens":11,"stop":["END"],"logprobs":true,"top_logprobs":3,
         "tools":[{"type":"function","function":{"name":"price","description":"x","strict":false,"parameters":{"type":"object"}}}],
         "tool_choice":"auto","parallel_tool_calls":false,"chat_template_kwargs":{"enable_thinking":false,"level":2},"open_thinking":true,
         "response_format":{"type":"text"},"modalities":["text"],"verbosity":"medium","n":1,"user":"u","safety_identifier":"s","prompt_cache_key":"k",
         "metadata":{"a":"b"},"store":false,"service_tier":"auto","logit_bias":{}}
        """;

    private const string Text = """
        {"prompt":"Once","stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.75,"top_k":9,"frequency_penalty":0.25,
         "presence_penalty":-0.25,"seed":5,"max_tokens":11,"stop":["END"],"logprobs":3,"echo":false,"best_of":1,"n":1,"user":"u","logit_bias":{}}
        """;

    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"text\"", "\"\\ud800\"", "[]", "[null]", "[1]", "[[]]", "{}",
        "{\"a\":1}", "{\"a\":\"\\udc00\"}", "{\"type\":\"text\"}", "{\"\\ud800\":1}",
    ];

    [Fact]
    public void Chat_WithEveryValueReplaced_IsReadOrRefusedByAPlaceThatItHas() => Sweep(Chat, 900, ReadChat);

    [Fact]
    public void Text_WithEveryValueReplaced_IsReadOrRefusedByAPlaceThatItHas() => Sweep(Text, 300, ReadText);

    [Theory]
    [InlineData(Chat)]
    [InlineData(Text)]
    public void Request_OfEveryField_IsRead(string json)
    {
        Action read = () => (json == Chat ? (Action<RequestFields>)ReadChat : ReadText)(new RequestFields(JsonDocument.Parse(json).RootElement));

        read.Should().NotThrow();
    }

    [Fact]
    public void Chat_WithAnUnknownFieldAnywhere_IsRefusedByItsPlace()
    {
        int refused = 0;
        foreach (string place in Places(JsonNode.Parse(Chat)!, "").Where(place => At(JsonNode.Parse(Chat)!, place) is JsonObject).Append(""))
        {
            if (place is ".logit_bias" or ".metadata" or ".chat_template_kwargs" || place.EndsWith(".parameters", StringComparison.Ordinal))
                continue; // whose names are the caller's
            JsonNode changed = JsonNode.Parse(Chat)!;
            ((JsonObject)(place.Length == 0 ? changed : At(changed, place)!))["colour"] = 1;
            Action read = () => ReadChat(new RequestFields(JsonDocument.Parse(changed.ToJsonString()).RootElement));

            ApiException fault = read.Should().Throw<ApiException>(place).Which;
            fault.Error.Param.Should().Be($"{place}.colour".TrimStart('.'));
            fault.Error.Code.Should().Be("unknown_parameter");
            refused++;
        }
        refused.Should().BeGreaterThan(10);
    }

    private static void ReadChat(RequestFields fields) => ChatFields.Read(fields, new ChatEndpointOptions(), null);

    private static void ReadText(RequestFields fields) => CompletionFields.Read(fields, new ChatEndpointOptions(), new GenerationOptions());

    private static void Sweep(string json, int least, Action<RequestFields> read)
    {
        int count = 0;
        foreach (string place in Places(JsonNode.Parse(json)!, ""))
        {
            foreach (string value in s_values)
            {
                const string Mark = "\"REPLACED\"";
                JsonNode changed = JsonNode.Parse(json)!;
                Replace(changed, place, JsonNode.Parse(Mark)!);
                string body = changed.ToJsonString().Replace(Mark, value, StringComparison.Ordinal);
                count++;
                try
                {
                    using JsonDocument document = RequestBody.Parse(Encoding.UTF8.GetBytes(body));
                    read(new RequestFields(document.RootElement));
                }
                catch (ApiException fault)
                {
                    fault.Status.Should().Be(400, $"{place} is {value}");
                    if (fault.Error.Param is { } param)
                        param.Should().MatchRegex(@"^[a-z_]+[0-9]?((\[\d+\])|(\.\w+))*$", $"{place} is {value}");
                }
                catch (Exception fault)
                {
                    fault.Should().BeNull($"{place} is {value}");
                }
            }
        }
        count.Should().BeGreaterThan(least);
    }

    private static IEnumerable<string> Places(JsonNode node, string path) => node switch
    {
        JsonObject all => all.SelectMany(field => Below(field.Value, $"{path}.{field.Key}")),
        JsonArray all => all.SelectMany((entry, i) => Below(entry, $"{path}[{i}]")),
        _ => [],
    };

    private static IEnumerable<string> Below(JsonNode? node, string path) => node is null ? [path] : Places(node, path).Prepend(path);

    private static JsonNode? At(JsonNode root, string place)
    {
        JsonNode? at = root;
        foreach (string step in Steps(place))
            at = step[0] == '[' ? at![int.Parse(step[1..^1])] : at![step];
        return at;
    }

    private static void Replace(JsonNode root, string place, JsonNode value)
    {
        string[] steps = [.. Steps(place)];
        JsonNode above = At(root, string.Concat(steps[..^1].Select(step => step[0] == '[' ? step : $".{step}")))!;
        if (steps[^1][0] == '[')
            above[int.Parse(steps[^1][1..^1])] = value;
        else
            above[steps[^1]] = value;
    }

    private static IEnumerable<string> Steps(string place) =>
        place.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
}
