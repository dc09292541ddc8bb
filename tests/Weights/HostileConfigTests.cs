using System.Text;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class HostileConfigTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "", "not valid JSON" },
        { "[]", "not hold a JSON object" },
        { "{", "not valid JSON" },
        { """{"hidden_size":64} x""", "not valid JSON" },
        { """{"hidden_size":64,"hidden_size":65}""", "not valid JSON" },
        { "{\n\"hidden_size\": 64,\n\"rms_norm_eps\": NaN\n}", "\"rms_norm_eps\": NaN" },
        { "{\n\"rope_theta\": Infinity,\n\"hidden_size\": 64}", "\"rope_theta\": Infinity" },
        { """{"rms_norm_eps":"NaN"}""", "'rms_norm_eps' is \"NaN\"" },
        { """{"rms_norm_eps":1e999}""", "'rms_norm_eps' is 1e999" },
        { """{"rms_norm_eps":0}""", "'rms_norm_eps' is 0" },
        { """{"rms_norm_eps":-1e-6}""", "'rms_norm_eps' is -1e-6" },
        { """{"rope_theta":-1}""", "'rope_theta' is -1" },
        { """{"rope_theta":1e300}""", "'rope_theta' is 1e300" },
        { """{"dropout":1}""", "'dropout' is 1" },
        { """{"dropout":-0.1}""", "'dropout' is -0.1" },
        { """{"hidden_size":-64}""", "'hidden_size' is -64" },
        { """{"hidden_size":0}""", "'hidden_size' is 0" },
        { """{"hidden_size":64.5}""", "'hidden_size' is 64.5" },
        { """{"hidden_size":"64"}""", "'hidden_size' is \"64\"" },
        { """{"hidden_size":9223372036854775808}""", "'hidden_size' is 9223372036854775808" },
        { """{"hidden_size":4294967360}""", "'hidden_size' is 4294967360" },
        { """{"num_hidden_layers":1000000000}""", "'num_hidden_layers' is 1000000000" },
        { """{"num_attention_heads":0}""", "'num_attention_heads' is 0" },
        { """{"num_key_value_heads":3}""", "not a multiple" },
        { """{"head_dim":7}""", "'head_dim' is 7" },
        { """{"hidden_size":1,"num_attention_heads":4}""", "'head_dim' is 0" },
        { """{"vocab_size":2000000000}""", "'vocab_size' is 2000000000" },
        { """{"vocab_size":4000000,"hidden_size":1000000,"head_dim":64}""", "parameters" },
        { """{"max_position_embeddings":2147483647}""", "'max_position_embeddings' is 2147483647" },
        { """{"eos_token_id":6400}""", "'eos_token_id' is 6400" },
        { """{"bos_token_id":-1}""", "'bos_token_id' is -1" },
        { """{"eos_token_id":[]}""", "'eos_token_id' is []" },
        { """{"use_moe":1}""", "'use_moe' is 1" },
        { """{"use_moe":true,"num_experts":2,"num_experts_per_tok":3}""", "more than 'num_experts' 2" },
        { """{"use_moe":true,"num_experts":4096,"num_hidden_layers":4096}""", "more than 200000 matrices" },
        { """{"use_moe":true,"router_aux_loss_coef":-1}""", "'router_aux_loss_coef' is -1" },
        { """{"use_moe":true,"n_shared_experts":1}""", "'n_shared_experts' is 1" },
        { """{"hidden_act":"gelu"}""", "'hidden_act' is \"gelu\"" },
        { """{"rope_scaling":[]}""", "'rope_scaling' is []" },
        { """{"rope_scaling":{"type":"yarn","factor":4}}""", "what inference_rope_scaling means" },
        { """{"inference_rope_scaling":true,"rope_parameters":{"rope_type":"linear","factor":4}}""", "'rope_parameters.rope_type' is \"linear\"" },
        { """{"model_type":"gpt2"}""", "'model_type' is \"gpt2\"" },
        { """{"model_type":3}""", "'model_type' is 3" },
        { """{"architectures":["Qwen3ForCausalLM"]}""", "'architectures' is" },
        { """{"model_type":"\ud800"}""", "not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_HostileConfig_IsRefused(string json, string expected)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("config.json", Encoding.UTF8.GetBytes(json));

        Refusal.Assert<ModelConfigException>(() => ConfigJson.Read(path), path, expected);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("config.json", Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 1_000_000)));

        Refusal.Assert<ModelConfigException>(() => ConfigJson.Read(path), path, "not valid JSON");
    }

    [Fact]
    public void Read_HugeFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("config.json", "{"u8);
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(10L << 30);

        Refusal.Assert<ModelConfigException>(() => ConfigJson.Read(path), path, "10737418240 bytes");
    }

    [Fact]
    public void Read_ManyFaults_NamesThemAll()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("config.json", """{"hidden_size":-1,"vocab_size":0,"rope_theta":"x","hidden_act":"relu","tie_word_embeddings":"no"}"""u8);

        ModelConfigException thrown = FluentActions.Invoking(() => ConfigJson.Read(path)).Should().Throw<ModelConfigException>().Which;

        thrown.Faults.Should().HaveCount(5);
        thrown.Message.Should().ContainAll("hidden_size", "vocab_size", "rope_theta", "hidden_act", "tie_word_embeddings");
    }
}
