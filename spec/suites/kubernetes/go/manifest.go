package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	apiwarning "k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	jobregistry "k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// A resource of the manifest, and what the API server would say to it.
type checked struct {
	Kind     string            `json:"kind"`
	Name     string            `json:"name"`
	Errors   []string          `json:"errors"`
	Warnings []string          `json:"warnings"`
	Data     map[string][]byte `json:"data,omitempty"`
	Args     []string          `json:"args,omitempty"`
	object   runtime.Object
}

type warnings struct{ texts []string }

func (w *warnings) AddWarning(_, text string) { w.texts = append(w.texts, text) }

func check(manifest []byte) []checked {
	results := []checked{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return results
		}
		if err != nil {
			return append(results, checked{Errors: []string{err.Error()}})
		}
		results = append(results, checkDocument(document))
	}
}

// Twice strict: the serializer that kubectl and the API server use, and sigs.k8s.io/yaml on the very type.
func checkDocument(document []byte) checked {
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, legacyscheme.Scheme, legacyscheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	object, kind, err := strict.Decode(document, nil, nil)
	if err != nil {
		return checked{Errors: []string{err.Error()}}
	}
	result := checked{Kind: kind.Kind, Errors: []string{}, Warnings: []string{}, object: object}
	if err := yaml.UnmarshalStrict(document, object.DeepCopyObject()); err != nil {
		result.Errors = append(result.Errors, err.Error())
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return checked{Errors: []string{err.Error()}}
	}
	result.Name = accessor.GetName()
	var strategy rest.RESTCreateStrategy
	switch typed := object.(type) {
	case *batchv1.Job:
		strategy = jobregistry.Strategy
		result.Args = typed.Spec.Template.Spec.Containers[0].Args
		result.Errors = append(result.Errors, restricted(typed)...)
	case *corev1.ConfigMap:
		strategy = configmap.Strategy
		result.Data = dataOf(typed)
	case *corev1.Service:
		strategy = service.Strategy
		// The API server's storage allocates addresses, and notes that a headless Service has none.
		if typed.Spec.ClusterIP == corev1.ClusterIPNone {
			single := corev1.IPFamilyPolicySingleStack
			typed.Spec.ClusterIPs = []string{corev1.ClusterIPNone}
			typed.Spec.IPFamilyPolicy = &single
			typed.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
		}
	default:
		result.Errors = append(result.Errors, "the manifest should have no such kind")
		return result
	}
	told := &warnings{}
	if err := create(object, strategy, told); err != nil {
		result.Errors = append(result.Errors, err.Error())
	}
	result.Warnings = append(result.Warnings, told.texts...)
	return result
}

// What the API server does to a new object before it stores it: defaults, then the checks of its kind.
func create(object runtime.Object, strategy rest.RESTCreateStrategy, told apiwarning.Recorder) error {
	legacyscheme.Scheme.Default(object)
	gvk := object.GetObjectKind().GroupVersionKind()
	internal, err := legacyscheme.Scheme.ConvertToVersion(object, schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return err
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return err
	}
	namespace := accessor.GetNamespace()
	if namespace == "" {
		namespace = "default"
	}
	accessor.SetNamespace(namespace)
	rest.FillObjectMetaSystemFields(accessor)
	ctx := genericapirequest.WithNamespace(context.Background(), namespace)
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{APIGroup: gvk.Group, APIVersion: gvk.Version})
	ctx = apiwarning.WithWarningRecorder(ctx, told)
	return rest.BeforeCreate(strategy, ctx, internal)
}

// What a namespace under the Pod Security Standard "restricted" would refuse.
func restricted(job *batchv1.Job) []string {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	template := job.Spec.Template
	reasons := []string{}
	for _, result := range evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec) {
		if !result.Allowed {
			reasons = append(reasons, fmt.Sprintf("restricted: %s: %s", result.ForbiddenReason, result.ForbiddenDetail))
		}
	}
	return reasons
}

// The files of a ConfigMap, whichever of its two fields they are in.
func dataOf(configMap *corev1.ConfigMap) map[string][]byte {
	data := map[string][]byte{}
	for name, text := range configMap.Data {
		data[name] = []byte(text)
	}
	for name, binary := range configMap.BinaryData {
		data[name] = binary
	}
	return data
}
