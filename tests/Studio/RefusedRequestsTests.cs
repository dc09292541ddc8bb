using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>What is not done is refused by its name, and nothing is ignored.</summary>
public sealed class RefusedRequestsTests : IAsyncLifetime
{
    private readonly ScriptedClient _client = new(new TextContent("Good day"));
    private ChatHost _host = null!;

    public async Task InitializeAsync() => _host = await ChatHost.StartAsync(_client);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    // out of their range, or of the wrong kind
    [InlineData("'temperature':-0.1", "temperature", "decimal_below_min_value")]
    [InlineData("'temperature':2.01", "temperature", "decimal_above_max_value")]
    [InlineData("'temperature':1e999", "temperature", "decimal_above_max_value")]
    [InlineData("'temperature':'hot'", "temperature", "invalid_type")]
    [InlineData("'top_p':0", "top_p", "decimal_below_min_value")]
    [InlineData("'top_p':1.1", "top_p", "decimal_above_max_value")]
    [InlineData("'top_k':-1", "top_k", "integer_below_min_value")]
    [InlineData("'frequency_penalty':3", "frequency_penalty", "decimal_above_max_value")]
    [InlineData("'presence_penalty':-3", "presence_penalty", "decimal_below_min_value")]
    [InlineData("'max_tokens':0", "max_tokens", "integer_below_min_value")]
    [InlineData("'max_tokens':1.5", "max_tokens", "invalid_type")]
    [InlineData("'max_completion_tokens':99999999999", "max_completion_tokens", "integer_above_max_value")]
    [InlineData("'max_tokens':5,'max_completion_tokens':6", "max_tokens", "invalid_value")]
    [InlineData("'seed':'x'", "seed", "invalid_type")]
    [InlineData("'seed':99999999999999999999", "seed", "invalid_type")]
    [InlineData("'stop':['']", "stop[0]", "invalid_value")]
    [InlineData("'stop':''", "stop", "invalid_value")]
    [InlineData("'stop':[1]", "stop[0]", "invalid_type")]
    [InlineData("'stop':3", "stop", "invalid_type")]
    [InlineData("'stop':['a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q']", "stop", "array_above_max_length")]
    [InlineData("'stream':'yes'", "stream", "invalid_type")]
    [InlineData("'stream_options':{'include_usage':true}", "stream_options", "invalid_value")]
    [InlineData("'stream':true,'stream_options':{'include_usage':1}", "stream_options.include_usage", "invalid_type")]
    [InlineData("'stream':true,'stream_options':{'include_obfuscation':true}", "stream_options.include_obfuscation", "unsupported_value")]
    [InlineData("'stream':true,'stream_options':{'usage':true}", "stream_options.usage", "unknown_parameter")]
    [InlineData("'logprobs':5", "logprobs", "invalid_type")]
    [InlineData("'logprobs':true,'top_logprobs':21", "top_logprobs", "integer_above_max_value")]
    [InlineData("'top_logprobs':2", "top_logprobs", "invalid_value")]
    // OpenAI's, and not done
    [InlineData("'n':2", "n", "unsupported_value")]
    [InlineData("'store':true", "store", "unsupported_value")]
    [InlineData("'service_tier':'priority'", "service_tier", "unsupported_value")]
    [InlineData("'metadata':{'a':1}", "metadata", "unsupported_value")]
    [InlineData("'user':5", "user", "unsupported_value")]
    [InlineData("'logit_bias':{'50':-100}", "logit_bias", "unsupported_value")]
    [InlineData("'modalities':['text','audio']", "modalities", "unsupported_value")]
    [InlineData("'verbosity':'low'", "verbosity", "unsupported_value")]
    [InlineData("'response_format':{'type':'json_object'}", "response_format.type", "unsupported_value")]
    [InlineData("'response_format':{'type':'json_schema','json_schema':{'name':'x'}}", "response_format.type", "unsupported_value")]
    [InlineData("'reasoning_effort':'low'", "reasoning_effort", "unsupported_parameter")]
    [InlineData("'functions':[]", "functions", "unsupported_parameter")]
    [InlineData("'function_call':'none'", "function_call", "unsupported_parameter")]
    [InlineData("'audio':{}", "audio", "unsupported_parameter")]
    [InlineData("'prediction':{}", "prediction", "unsupported_parameter")]
    [InlineData("'web_search_options':{}", "web_search_options", "unsupported_parameter")]
    // tools
    [InlineData("'tool_choice':'required'", "tool_choice", "unsupported_value")]
    [InlineData("'tool_choice':{'type':'function','function':{'name':'x'}}", "tool_choice", "unsupported_value")]
    [InlineData("'tool_choice':'maybe'", "tool_choice", "invalid_value")]
    [InlineData("'parallel_tool_calls':'no'", "parallel_tool_calls", "invalid_type")]
    [InlineData("'tools':{}", "tools", "invalid_type")]
    [InlineData("'tools':[{'type':'custom','custom':{'name':'x'}}]", "tools[0].type", "unsupported_value")]
    [InlineData("'tools':[{'type':'function'}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("'tools':[{'type':'function','function':{'name':'a b'}}]", "tools[0].function.name", "invalid_value")]
    [InlineData("'tools':[{'type':'function','function':{'name':'x','strict':true}}]", "tools[0].function.strict", "unsupported_value")]
    [InlineData("'tools':[{'type':'function','function':{'name':'x','parameters':'{}'}}]", "tools[0].function.parameters", "invalid_type")]
    [InlineData("'tools':[{'type':'function','function':{'name':'x','colour':1}}]", "tools[0].function.colour", "unknown_parameter")]
    [InlineData("'tools':[{'type':'function','function':{'name':'x'}},{'type':'function','function':{'name':'x'}}]", "tools[1].function.name", "invalid_value")]
    // variables of templates
    [InlineData("'chat_template_kwargs':[]", "chat_template_kwargs", "invalid_type")]
    [InlineData("'chat_template_kwargs':{'a':{}}", "chat_template_kwargs.a", "invalid_type")]
    [InlineData("'chat_template_kwargs':{'a':1e400}", "chat_template_kwargs.a", "invalid_type")]
    [InlineData("'chat_template_kwargs':{'top_logprobs':3}", "chat_template_kwargs.top_logprobs", "invalid_value")]
    [InlineData("'open_thinking':true,'chat_template_kwargs':{'open_thinking':true}", "open_thinking", "invalid_value")]
    // nobody's
    [InlineData("'tempratur':1", "tempratur", "unknown_parameter")]
    [InlineData("'input':'x'", "input", "unknown_parameter")]
    public async Task Chat_WithAFieldThatIsNotDone_IsRefusedByItsName(string field, string param, string code)
    {
        JsonElement error = await Refused($$"""{"model":"tiny","messages":[{"role":"user","content":"Hello?"}],{{Json(field)}}}""");

        error.GetProperty("param").GetString().Should().Be(param);
        error.GetProperty("code").GetString().Should().Be(code);
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        error.GetProperty("message").GetString().Should().Contain(param);
    }

    [Theory]
    [InlineData("[]", "messages", "empty_array")]
    [InlineData("{}", "messages", "invalid_type")]
    [InlineData("['Hello?']", "messages[0]", "invalid_type")]
    [InlineData("[{'content':'x'}]", "messages[0].role", "missing_required_parameter")]
    [InlineData("[{'role':'wizard','content':'x'}]", "messages[0].role", "invalid_value")]
    [InlineData("[{'role':'user'}]", "messages[0].content", "missing_required_parameter")]
    [InlineData("[{'role':'user','content':5}]", "messages[0].content", "invalid_type")]
    [InlineData("[{'role':'user','content':[]}]", "messages[0].content", "empty_array")]
    [InlineData("[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]", "messages[0].content[0].type", "unsupported_value")]
    [InlineData("[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text'}]}]", "messages[0].content[1].text", "missing_required_parameter")]
    [InlineData("[{'role':'user','content':[{'type':'text','text':'a','weight':2}]}]", "messages[0].content[0].weight", "unknown_parameter")]
    [InlineData("[{'role':'user','content':'x','name':'Ada'}]", "messages[0].name", "unsupported_value")]
    [InlineData("[{'role':'user','content':'x','tool_calls':[]}]", "messages[0].tool_calls", "unknown_parameter")]
    [InlineData("[{'role':'assistant'}]", "messages[0].content", "missing_required_parameter")]
    [InlineData("[{'role':'assistant','content':'x','refusal':'no'}]", "messages[0].refusal", "unsupported_value")]
    [InlineData("[{'role':'assistant','content':'x','annotations':[1]}]", "messages[0].annotations", "unsupported_value")]
    [InlineData("[{'role':'tool','content':'4'}]", "messages[0].tool_call_id", "missing_required_parameter")]
    [InlineData("[{'role':'tool','content':'4','tool_call_id':'a'}]", "messages[0].tool_call_id", "invalid_value")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','type':'function','function':{'name':'x','arguments':'[1]'}}]}]",
        "messages[0].tool_calls[0].function.arguments", "invalid_value")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','type':'function','function':"
        + "{'name':'x','arguments':'{\\u0022a\\u0022:\\u0022\\\\ud800\\u0022}'}}]}]",
        "messages[0].tool_calls[0].function.arguments", "invalid_value")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','type':'function','function':{'name':'x','arguments':{}}}]}]",
        "messages[0].tool_calls[0].function.arguments", "invalid_type")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'x','arguments':'{}'},'index':1}]}]",
        "messages[0].tool_calls[0].index", "unsupported_value")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'x','arguments':'{}'}},{'id':'a','function':{'name':'x','arguments':'{}'}}]}]",
        "messages[0].tool_calls[1].id", "invalid_value")]
    [InlineData("[{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'x','arguments':'{}'}}]},"
        + "{'role':'tool','tool_call_id':'a','content':'4','name':'y'}]",
        "messages[1].name", "unsupported_value")]
    public async Task Chat_WithAMessageThatCannotBeTold_IsRefusedByItsPlace(string messages, string param, string code)
    {
        JsonElement error = await Refused($$"""{"model":"tiny","messages":{{Json(messages)}}}""");

        error.GetProperty("param").GetString().Should().Be(param);
        error.GetProperty("code").GetString().Should().Be(code);
    }

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("{'model':'tiny','model':'tiny'}", "invalid_json")]
    [InlineData("{'model':'tiny',}", "invalid_json")]
    [InlineData("{'\\ud800':1}", "invalid_string")]
    [InlineData("{'model':'tiny','messages':[{'role':'user','content':'a\\ud800b'}]}", "invalid_string")]
    [InlineData("{'model':'tiny','messages':[],'tools':[{'type':'function','function':{'name':'x','parameters':{'a':['\\udfff']}}}]}", "invalid_string")]
    [InlineData("[]", "invalid_type")]
    [InlineData("{}", "missing_required_parameter")]
    [InlineData("{'model':5}", "invalid_type")]
    [InlineData("{'model':'tiny'}", "missing_required_parameter")]
    public async Task Chat_OfABodyThatIsNone_IsRefused(string body, string code) =>
        (await Refused(Json(body))).GetProperty("code").GetString().Should().Be(code);

    [Fact]
    public async Task Chat_NestedTooDeeply_IsRefused()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"a":""", 100)) + "1" + new string('}', 100);

        JsonElement error = await Refused($$"""{"model":"tiny","messages":[],"tools":[{{deep}}]}""");

        error.GetProperty("message").GetString().Should().Contain("depth");
    }

    [Fact]
    public async Task Chat_WithAMisspeltField_NamesTheNearest()
    {
        JsonElement error = await Refused("""{"model":"tiny","messages":[{"role":"user","content":"Hello?"}],"max_token":5}""");

        error.GetProperty("message").GetString().Should().Contain("'max_tokens'");
    }

    [Theory]
    [InlineData("'user':'u',   'safety_identifier':'s','prompt_cache_key':'k'")]
    [InlineData("'metadata':{'a':'b'},'store':false,'n':1,'service_tier':'auto'")]
    [InlineData("'parallel_tool_calls':true,'tool_choice':'auto','logit_bias':{},'modalities':['text']")]
    [InlineData("'response_format':{'type':'text'},'logprobs':false,'stream':false,'verbosity':'medium'")]
    [InlineData("'temperature':null,'stop':null,'audio':null,'functions':null,'tools':null,'top_logprobs':null,'stream_options':null,'seed':null")]
    [InlineData("'max_tokens':5,'max_completion_tokens':5")]
    [InlineData("'stream':true,'stream_options':{'include_usage':false,'include_obfuscation':false}")]
    public async Task Chat_WithFieldsThatChangeNothing_IsAnswered(string fields)
    {
        using HttpResponseMessage response = await _host.ChatAsync(
            $$"""{"model":"tiny","messages":[{"role":"user","content":"Hello?"}],{{Json(fields)}}}""");

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    private static string Json(string written) => written.Replace('\'', '"');

    private async Task<JsonElement> Refused(string body)
    {
        using HttpResponseMessage response = await _host.ChatAsync(body);
        JsonElement error = await ChatHost.ErrorAsync(response, HttpStatusCode.BadRequest);
        _client.Options.Should().BeNull("nothing was asked of the model");
        return error;
    }
}
